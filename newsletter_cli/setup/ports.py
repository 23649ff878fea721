"""What setting up and tearing down need of the world: a person, a file, an account, and the new stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from newsletter.core.ports import Clock
from newsletter.desk.settings.sender_dns import Dns
from newsletter_cli.setup.domain.questions import Circumstances, Question


class Person(Protocol):
    """Whoever sits at the terminal."""

    def say(self, line: str) -> None: ...
    def ask(self, question: Question, suggestion: str, complaint: str) -> str:
        """Return what is answered; the suggestion if nothing.

        Args:
            question: What is asked.
            suggestion: The answer by default.
            complaint: What was wrong with the answer before; empty at first.

        Raises:
            UnansweredError: Nobody is there.
        """
        ...

    def agrees(self, question: str) -> bool:
        """Return whether the person says yes.

        Raises:
            UnansweredError: Nobody is there.
        """
        ...

    def type_name(self, wanted: str) -> str:
        """Return what is typed when a name is asked for, so that nobody agrees by habit.

        Raises:
            UnansweredError: Nobody is there.
        """
        ...

    def show_progress(self, done: int, total: int, latest: str) -> None:
        """Show how far something is; `done` equal to `total` is its end."""
        ...


class Notebook(Protocol):
    """What is kept between two calls, because the world does not say it."""

    def answers(self) -> Mapping[str, str]: ...
    def keep_answer(self, key: str, answer: str) -> None: ...
    def is_done(self, step: str) -> bool: ...
    def keep_done(self, step: str) -> None: ...
    def parameters(self) -> Mapping[str, str]:
        """Return the parameters as the next deployment reads them; a person may have added some."""
        ...

    def keep_parameters(self, chosen: Mapping[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class SendingState:
    """How Amazon SES stands to the account."""

    production: bool
    """Whether it may mail everybody."""
    review: str
    """Of the request for that: PENDING, GRANTED, DENIED or FAILED; empty if nothing was asked."""
    case: str
    sending: bool
    enforcement: str
    """HEALTHY, PROBATION or SHUTDOWN."""


class Account(Protocol):
    """An AWS account, in one region."""

    region: str

    def number(self) -> str:
        """Return the number of the account whose credentials these are."""
        ...

    def refusal(self) -> str:
        """Return why a newsletter cannot live in this region; empty if it can."""
        ...

    def sending_state(self) -> SendingState: ...
    def alarm_count(self) -> int: ...
    def stacks_sending_for(self, domain: str) -> Sequence[str]:
        """Return the names of other newsletters in this region that send for the same domain."""
        ...

    def distribution_at(self, domain: str) -> str:
        """Return the id of the distribution of another stack that has this domain; empty if none has."""
        ...

    def concurrency(self) -> int:
        """Return how many functions may run at the same time."""
        ...

    def concurrency_is_asked_for(self) -> bool: ...
    def ask_for_concurrency(self, wanted: int) -> str:
        """Ask for more; return why AWS does not take the request, empty if it does."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """The sender's domain or a mailbox, as SES knows it."""

    verified: bool
    tokens: tuple[str, ...] = ()
    signing_zone: str = "dkim.amazonses.com"
    mail_from: str = ""


class Senders(Protocol):
    """Identities at Amazon SES, and what the account may do with them."""

    def find(self, identity: str) -> Identity | None: ...
    def register(self, identity: str) -> None:
        """Register a domain, or a mailbox, to which SES then writes. One that is there already stays as it is."""
        ...

    def set_mail_from(self, domain: str, mail_from: str) -> None: ...
    def ask_for_production(self, website: str, use_case: str, contact: str) -> str:
        """Ask AWS to let the account write to everybody; return why it does not take the request, empty if it does."""
        ...


class Zones(Protocol):
    """Route 53, as far as the account has zones there."""

    def zone_of(self, name: str) -> str:
        """Return the id of the public zone that a name belongs to; empty if it is kept elsewhere."""
        ...

    def find(self, zone: str, name: str, kind: str) -> Sequence[str]: ...
    def add(self, zone: str, name: str, kind: str, content: str) -> None:
        """Add a record; one that was added at the same moment stays."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the pages' domain."""

    arn: str
    status: str
    """As ACM has it: ISSUED, PENDING_VALIDATION, ..."""
    record_name: str = ""
    record_content: str = ""


class Certificates(Protocol):
    """ACM in us-east-1, where CloudFront looks; and in the region of the stack, where people look."""

    def find(self, domain: str) -> Certificate | None:
        """Return the usable or promising certificate in us-east-1 that covers a domain."""
        ...

    def is_elsewhere(self, domain: str) -> bool:
        """Return whether the region of the stack has one, which is the wrong one."""
        ...

    def request(self, domain: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a deployment is."""

    status: str
    """As CloudFormation has it; empty as long as there is no stack."""
    done: int = 0
    total: int = 0
    latest: str = ""
    failures: tuple[str, ...] = ()
    """What failed, and why, in the order in which it did."""
    working: bool = False
    """Whether a program that was started here still works on it; the stack may not show anything of it yet."""
    failed: bool = False
    """Whether that program ended without success."""


class Keys(Protocol):
    """The keys of the stack in Parameter Store."""

    def make_missing(self) -> Sequence[str]:
        """Make the keys that are not there, and return the names of their parameters. One that is there stays."""
        ...


class Deployment(Protocol):
    """The stack, as CloudFormation has it."""

    def known_parameters(self) -> Mapping[str, str]:
        """Return the parameters of the template, with their defaults."""
        ...

    def resource_counts(self, chosen: Mapping[str, str]) -> Mapping[str, int]:
        """Return how many resources of each type the stack will have with these parameters."""
        ...

    def status(self) -> str: ...
    def deployed_parameters(self) -> Mapping[str, str]: ...
    def start(self, chosen: Mapping[str, str]) -> None:
        """Begin to build and deploy, with the parameters that differ from the defaults."""
        ...

    def progress(self) -> Progress: ...
    def remove(self) -> None:
        """Begin to delete the stack."""
        ...

    def outputs(self) -> Mapping[str, str]: ...
    def is_protected(self) -> bool: ...
    def protect(self) -> None:
        """Protect the stack and its tables against deletion."""
        ...

    def unprotect(self) -> None:
        """Let the stack be deleted; the tables stay protected."""
        ...


class Newsroom(Protocol):
    """The newsletter, once it runs."""

    def invite(self, name: str, email: str) -> None:
        """Make somebody an owner of the desk, and have them told by email."""
        ...

    def upload_first_issue(self, day: str) -> str:
        """Upload a draft that nobody is ever sent, if it is not there yet; return its name."""
        ...

    def is_taken(self, slug: str) -> bool:
        """Return whether the stack has read the issue."""
        ...

    def test(self, slug: str, email: str) -> None:
        """Mail the issue to one address."""
        ...

    def arrived(self, email: str) -> bool:
        """Return whether the test is in the inbox, where it can be known; on AWS it cannot, and is believed."""
        ...


@dataclass(frozen=True, slots=True)
class SetupPorts:
    """What setting up touches."""

    person: Person
    notebook: Notebook
    account: Account
    senders: Senders
    zones: Zones
    dns: Dns
    certificates: Certificates
    keys: Keys
    deployment: Deployment
    newsroom: Newsroom
    clock: Clock
    circumstances: Circumstances
    patience: float
    """Seconds that a wait for DNS, for a certificate or for a click may take."""
