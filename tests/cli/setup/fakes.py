"""An account in memory, and a person with answers: every port of setting up, and a way to interrupt any call of any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from newsletter_cli.setup.domain.questions import Circumstances, Question
from newsletter_cli.setup.ports import Certificate, Identity, Progress, SendingState, SetupPorts
from newsletter_cli.setup.stopped import UnansweredError
from newsletter_cli.setup.teardown_ports import Remains, TeardownPorts
from tests.core.fakes import VirtualClock

TODAY = date(2026, 11, 27)
DOMAIN = "society.example"
REGION = "eu-west-2"
ALARM = "AWS::CloudWatch::Alarm"

GIVEN = {
    "name": "The Side by Side Briefing",
    "postal_address": "1 Example Street, London",
    "sender": f"briefing@{DOMAIN}",
    "time_zone": "Europe/London",
    "first_day": "2026-12-08 07:30",
    "domain": f"briefing.{DOMAIN}",
    "editors": f"Ann Lee <ann@{DOMAIN}> approver; Ben <ben@{DOMAIN}> writer",
    "readers": "1000",
}

KNOWN = {
    "NewsletterName": "Fortnightly Briefing", "PostalAddress": "1 Street", "SenderEmail": "a@example.org",
    "TimeZone": "Europe/London", "AnchorDate": "2026-12-01", "SendHour": "9", "SendMinute": "0",
    "EditorEmail": "e@example.org", "Editors": "", "AlarmEmail": "", "DomainName": "", "CertificateArn": "",
    "CreateSenderIdentity": "true", "SendMode": "bulk", "Size": "small", "KeysIn": "secrets",
    "AskUseful": "off",
}  # fmt: skip


@dataclass
class MemoryPerson:
    """Answers what they know; None sits at no terminal."""

    given: Mapping[str, str] | None = field(default_factory=lambda: dict(GIVEN))
    agreeing: bool = True
    typed: str = ""
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    bars: list[tuple[int, int, str]] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.heard.append(line)

    def ask(self, question: Question, suggestion: str, complaint: str) -> str:
        self.asked.append(question.key)
        if complaint:
            self.heard.append(complaint)
        if self.given is None:
            raise UnansweredError(question.key)
        return self.given.get(question.key, "") or suggestion

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        if self.given is None:
            raise UnansweredError(question)
        return self.agreeing

    def type_name(self, wanted: str) -> str:
        if self.given is None:
            raise UnansweredError("the name")
        return self.typed

    def show_progress(self, done: int, total: int, latest: str) -> None:
        self.bars.append((done, total, latest))

    @property
    def words(self) -> str:
        return "\n".join(self.heard)


@dataclass
class MemoryNotebook:
    kept: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)

    def answers(self) -> Mapping[str, str]:
        return dict(self.kept)

    def keep_answer(self, key: str, answer: str) -> None:
        self.kept[key] = answer

    def is_done(self, step: str) -> bool:
        return step in self.done

    def keep_done(self, step: str) -> None:
        self.done.append(step)

    def parameters(self) -> Mapping[str, str]:
        return dict(self.written)

    def keep_parameters(self, chosen: Mapping[str, str]) -> None:
        self.written = dict(chosen)


@dataclass
class World:
    """AWS, as far as setting up looks at it."""

    region: str = REGION
    state: SendingState = SendingState(production=False, review="", case="", sending=True, enforcement="HEALTHY")
    alarms: int = 0
    neighbours: list[str] = field(default_factory=list)
    distributions: dict[str, str] = field(default_factory=dict)
    functions_at_once: int = 10
    asked_for_room: int = 0
    refused: str = ""
    """Why AWS takes no request."""
    identities: dict[str, Identity] = field(default_factory=dict)
    clicked: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    zone: str = DOMAIN
    """Kept in Route 53; empty for one that is kept elsewhere."""
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    certificate_elsewhere: bool = False
    key_parameters: list[str] = field(default_factory=list)
    stack_status: str = ""
    deployed: dict[str, str] = field(default_factory=dict)
    protected: bool = False
    failing: str = ""
    """Why the next deployment fails."""
    steps_left: int = 0
    deployments: int = 0
    invited: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    readers: int = 0
    inbound_released: bool = False

    # --- the account ---

    def number(self) -> str:
        return "123456789012"

    def refusal(self) -> str:
        return ""

    def sending_state(self) -> SendingState:
        return self.state

    def alarm_count(self) -> int:
        return self.alarms

    def stacks_sending_for(self, domain: str) -> Sequence[str]:
        return self.neighbours

    def distribution_at(self, domain: str) -> str:
        return self.distributions.get(domain, "")

    def concurrency(self) -> int:
        return self.functions_at_once

    def concurrency_is_asked_for(self) -> bool:
        return bool(self.asked_for_room)

    def ask_for_concurrency(self, wanted: int) -> str:
        assert not self.asked_for_room, "asked twice"
        if not self.refused:
            self.asked_for_room = wanted
        return self.refused

    # --- Route 53, and every name server ---

    def zone_of(self, name: str) -> str:
        return "Z1" if self.zone and name.endswith(self.zone) else ""

    def find(self, zone: str, name: str, kind: str) -> Sequence[str]:
        return self.records.get((name, kind), [])

    def add(self, zone: str, name: str, kind: str, content: str) -> None:
        self.records.setdefault((name, kind), [content])

    def resolve(self, name: str, kind: str) -> list[str]:
        return self.records.get((name, kind), [])

    # --- Parameter Store ---

    def make_missing(self) -> Sequence[str]:
        made = [key for key in ("SigningKeys", "EditorKeys", "OriginKeys") if key not in self.key_parameters]
        self.key_parameters += made
        return made

    # --- the stack ---

    def known_parameters(self) -> Mapping[str, str]:
        return KNOWN

    def resource_counts(self, chosen: Mapping[str, str]) -> Mapping[str, int]:
        return {ALARM: 60, "AWS::SecretsManager::Secret": 4}

    def status(self) -> str:
        return self.stack_status

    def deployed_parameters(self) -> Mapping[str, str]:
        return self.deployed

    def start(self, chosen: Mapping[str, str]) -> None:
        assert not self.stack_status.endswith("IN_PROGRESS"), "CloudFormation refuses"
        assert self.stack_status not in ("ROLLBACK_COMPLETE", "DELETE_FAILED"), "CloudFormation refuses"
        assert self.key_parameters or chosen.get("KeysIn") != "parameters", "CloudFormation finds no parameter"
        self.stack_status = "UPDATE_IN_PROGRESS" if self.stack_status.endswith("_COMPLETE") else "CREATE_IN_PROGRESS"
        self.deployed = {**KNOWN, **self.deployed, **chosen}
        self.steps_left, self.deployments = 3, self.deployments + 1

    def progress(self) -> Progress:
        if self.stack_status.endswith("_IN_PROGRESS"):
            self.steps_left -= 1
            if self.steps_left <= 0:
                if self.stack_status.startswith("DELETE"):
                    self.stack_status, self.protected = "", False
                elif self.failing:
                    first = self.stack_status.startswith("CREATE")
                    self.stack_status = "ROLLBACK_COMPLETE" if first else "UPDATE_ROLLBACK_COMPLETE"
                    return Progress(self.stack_status, 1, 3, "", (self.failing,))
                else:
                    self.stack_status = self.stack_status.replace("_IN_PROGRESS", "_COMPLETE")
        return Progress(self.stack_status, 3 - self.steps_left, 3, "create complete: Api")

    def remove(self) -> None:
        assert not self.protected, "termination protection"
        self.stack_status, self.steps_left = "DELETE_IN_PROGRESS", 2

    def outputs(self) -> Mapping[str, str]:
        return {"ArchiveUrl": f"https://briefing.{DOMAIN}", "DistributionDomain": "d1.cloudfront.net"}

    def is_protected(self) -> bool:
        return self.protected

    def protect(self) -> None:
        self.protected = True

    def unprotect(self) -> None:
        self.protected = False

    # --- the newsletter ---

    def invite(self, name: str, email: str) -> None:
        self.invited.append(email)

    def upload_first_issue(self, day: str) -> str:
        if day not in self.drafts:
            self.drafts.append(day)
        return f"{day}-a-first-draft"

    def is_taken(self, slug: str) -> bool:
        return True

    def test(self, slug: str, email: str) -> None:
        self.tests.append(email)

    def arrived(self, email: str) -> bool:
        return True

    # --- tearing down ---

    def remains(self) -> Sequence[Remains]:
        return [Remains("table", "t-1", ("aws dynamodb delete-table --table-name t-1",))]

    def resource_count(self) -> int:
        return 271

    def release_inbound(self) -> None:
        self.inbound_released = True

    def size(self) -> int:
        return self.readers


@dataclass
class MemorySenders:
    """SES of a world: verifies a domain once its records are there, and a mailbox once somebody clicked."""

    world: World

    def find(self, identity: str) -> Identity | None:
        found = self.world.identities.get(identity)
        if found is None:
            return None
        if "@" in identity:
            return replace(found, verified=identity in self.world.clicked)
        signed = all(
            self.world.records.get((f"{token}._domainkey.{identity}", "CNAME")) == [f"{token}.{found.signing_zone}"]
            for token in found.tokens
        )
        return replace(found, verified=signed)

    def register(self, identity: str) -> None:
        self.world.identities.setdefault(identity, Identity(False, () if "@" in identity else ("k1", "k2", "k3")))

    def set_mail_from(self, domain: str, mail_from: str) -> None:
        self.world.identities[domain] = replace(self.world.identities[domain], mail_from=mail_from)

    def ask_for_production(self, website: str, use_case: str, contact: str) -> str:
        if self.world.refused:
            return self.world.refused
        self.world.texts.append(f"{website}\n{use_case}\n{contact}")
        self.world.state = replace(self.world.state, review="PENDING")
        return ""


@dataclass
class MemoryCertificates:
    """ACM of a world: issues a certificate once its record is there."""

    world: World

    def find(self, domain: str) -> Certificate | None:
        found = self.world.certificates.get(domain)
        if found and self.world.records.get((found.record_name, "CNAME")):
            return replace(found, status="ISSUED")
        return found

    def is_elsewhere(self, domain: str) -> bool:
        return self.world.certificate_elsewhere

    def request(self, domain: str) -> None:
        arn = f"arn:aws:acm:us-east-1:1:certificate/{len(self.world.certificates) + 1}"
        self.world.certificates.setdefault(
            domain, Certificate(arn, "PENDING_VALIDATION", f"_x.{domain}", "_y.acm-validations.aws")
        )


class Interrupting:
    """A port whose calls are counted; before or after the call with a certain number, somebody presses Ctrl-C."""

    def __init__(self, port: Any, tick: Callable[[str], None]) -> None:
        self.__dict__["_port"], self.__dict__["_tick"] = port, tick

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._tick("before")
            answer = found(*arguments, **named)
            self._tick("after")
            return answer

        return call


class Plainly:
    """Interrupts nobody."""

    def __call__(self, moment: str) -> None:
        pass


class CtrlC:
    """Interrupts once, at a moment that is told by its number."""

    def __init__(self, at: int) -> None:
        self.at, self.now = at, 0

    def __call__(self, moment: str) -> None:
        self.now += 1
        if self.now == self.at:
            raise KeyboardInterrupt


def ports(
    world: World,
    person: MemoryPerson,
    notebook: MemoryNotebook,
    *,
    tick: Callable[[str], None] | None = None,
    patience: float = 600,
    clock: VirtualClock | None = None,
) -> SetupPorts:
    """Return all ports on a world."""

    def over(port: Any) -> Any:
        return Interrupting(port, tick) if tick else port

    return SetupPorts(
        person=over(person),
        notebook=over(notebook),
        account=over(world),
        senders=over(MemorySenders(world)),
        zones=over(world),
        dns=world.resolve,
        certificates=over(MemoryCertificates(world)),
        keys=over(world),
        deployment=over(world),
        newsroom=over(world),
        clock=clock or VirtualClock(datetime(2026, 11, 27, tzinfo=UTC)),
        circumstances=Circumstances(TODAY),
        patience=patience,
    )


def teardown_ports(world: World, person: MemoryPerson) -> TeardownPorts:
    """Return the ports of tearing down on a world."""
    return TeardownPorts(person=person, deployment=world, readership=world, parts=world, clock=VirtualClock())
