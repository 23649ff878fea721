"""What editors decide by a link: each decision once, nothing unseen approved, nothing that is gone called back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome, Verb
from newsletter.desk.jobs.decide import JOBS
from newsletter.desk.jobs.report_decision import report_decision
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.public_version import public_version
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.jobs.open_send import Opening, open_send
from tests.core.fakes import NOW, MemoryMailer, PlainMails
from tests.factories import SLUG, record, rendered
from tests.issues.fakes import MemoryContent, MemoryIssues
from tests.sending.fakes import MemoryQueues, MemorySends

RHYTHM = Rhythm(anchor=NOW.date(), time_zone=ZoneInfo("Europe/London"))
KEY = f"issues/{SLUG}.md"


@dataclass
class Desk:
    """The table, the bucket and a button."""

    record: IssueRecord | None = field(default_factory=record)

    def __post_init__(self) -> None:
        self.issues = MemoryIssues(*([self.record] if self.record else []))
        self.sends, self.content, self.queues = MemorySends(), MemoryContent(), MemoryQueues()
        self.mailer = MemoryMailer()
        self.content.objects[KEY] = b"the file"
        self.ports = DecidePorts(
            issues=self.issues,
            sends=self.sends,
            content=self.content,
            queues=self.queues,
            publish_queue=self.queues,
            editors=Editors(self.mailer, PlainMails(), "editors@example.org"),
        )

    def press(self, verb: Verb, content_hash: str = "a" * 64) -> Decided:
        return JOBS[verb](Decision(SLUG, content_hash, verb), ports=self.ports, now=NOW)

    @property
    def stands(self) -> IssueRecord:
        return self.issues.by_slug[SLUG]


def test_approving_twice_approves_once_and_leaves_one_line_on_record() -> None:
    desk = Desk()

    assert desk.press(Verb.APPROVE).outcome is DecisionOutcome.APPROVED
    assert desk.press(Verb.APPROVE).outcome is DecisionOutcome.ALREADY
    assert desk.stands.approved == "a" * 64
    assert desk.stands.decisions == (f"2026-12-01T09:00:00+00:00 approve {'a' * 64}",)


def test_content_that_was_replaced_since_the_mail_is_not_approved() -> None:
    desk = Desk(record(content_hash="b" * 64))

    assert desk.press(Verb.APPROVE).outcome is DecisionOutcome.REPLACED
    assert desk.stands == record(content_hash="b" * 64)


@pytest.mark.parametrize(
    ("verb", "outcome"), [(Verb.HOLD, DecisionOutcome.HELD), (Verb.WITHDRAW, DecisionOutcome.WITHDRAWN)]
)
def test_what_was_replaced_since_the_mail_can_still_be_stopped(verb: Verb, outcome: DecisionOutcome) -> None:
    desk = Desk(record(content_hash="b" * 64))

    assert desk.press(verb).outcome is outcome


@pytest.mark.parametrize("verb", Verb)
def test_nothing_is_decided_about_an_issue_there_is_not(verb: Verb) -> None:
    desk = Desk(None)

    assert desk.press(verb) == Decided(DecisionOutcome.UNKNOWN)
    assert KEY in desk.content.objects


def test_what_was_withdrawn_is_not_approved() -> None:
    assert Desk(record(withdrawn=True)).press(Verb.APPROVE).outcome is DecisionOutcome.UNKNOWN


@pytest.mark.parametrize("status", [IssueStatus.SENDING, IssueStatus.SENT, IssueStatus.CANCELLED])
def test_what_is_on_its_way_is_not_approved_any_more(status: IssueStatus) -> None:
    assert Desk(record(status=status)).press(Verb.APPROVE).outcome is DecisionOutcome.TOO_LATE


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.RELEASE])
def test_an_issue_that_asks_to_go_at_once_is_looked_at_again_when_it_may(verb: Verb) -> None:
    desk = Desk(record(send=SendPolicy.NOW, held=verb is Verb.RELEASE))

    assert desk.press(verb).outcome.changed
    assert desk.queues.looks == [(SLUG, 0)]


def test_a_held_issue_is_released_once() -> None:
    desk = Desk()

    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.HELD
    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.ALREADY
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.RELEASED
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.ALREADY
    assert not desk.stands.held


def test_holding_an_issue_that_is_going_out_holds_its_send_and_a_release_does_not_resume_it() -> None:
    desk = Desk(record(status=IssueStatus.SENDING))
    desk.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))

    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.PAUSED
    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.ALREADY
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.RELEASED
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.ALREADY

    send = desk.sends.get(SLUG)
    assert send is not None
    assert (send.state, send.paused_by) == (SendState.PAUSED, PausedBy.PERSON)
    assert [line.split()[1] for line in desk.stands.decisions] == ["hold", "release"]


def test_holding_between_the_lock_and_the_header_plans_nothing() -> None:
    desk = Desk()

    class HeldAtTheLock(MemoryIssues):
        """The button is pressed right after the lock, when there is no send to hold yet."""

        def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
            locked = super().begin_sending(slug, content_hash, needs_approval=needs_approval)
            desk.press(Verb.HOLD)
            return locked

    issues = HeldAtTheLock(record())
    desk.issues = issues
    ports: dict[str, Any] = {"issues": issues, "sends": desk.sends, "queues": desk.queues, "publish_queue": desk.queues}
    desk.ports = DecidePorts(
        **ports,
        content=desk.content,
        editors=Editors(desk.mailer, PlainMails(), "e@example.org"),
    )

    assert open_send(record(), opening=Opening(**ports, needs_approval=False, shards=16), now=NOW) is None
    assert (desk.queues.openings, desk.queues.plans) == ([], [])
    held = desk.sends.get(SLUG)
    assert held is not None
    assert held.state is SendState.PAUSED


@pytest.mark.parametrize("status", [IssueStatus.SENT, IssueStatus.CANCELLED])
def test_what_has_gone_out_is_taken_down_by_a_hold_and_public_again_by_a_release(status: IssueStatus) -> None:
    desk = Desk(record(status=status))

    assert desk.press(Verb.HOLD).outcome is DecisionOutcome.HELD
    assert public_version(desk.stands, rhythm=RHYTHM, needs_approval=False, now=NOW) is None
    assert desk.press(Verb.RELEASE).outcome is DecisionOutcome.RELEASED
    assert public_version(desk.stands, rhythm=RHYTHM, needs_approval=False, now=NOW) == desk.stands
    assert desk.queues.refreshes == [SLUG, SLUG]
    assert desk.stands.status is status


def test_a_correction_is_approved_like_any_other_text_and_dated_when_readers_see_it() -> None:
    first = record(status=IssueStatus.SENT, sent_hash="a" * 64, approved="a" * 64)
    waits = replace(first, content_hash="b" * 64, title="Mended", cleared_headline=first.headline)
    desk = Desk(waits)
    desk.content.put_rendered(rendered())
    desk.content.put_rendered(rendered(web_html="<p>Mended.</p>", content_hash="b" * 64))
    seen = public_version(waits, rhythm=RHYTHM, needs_approval=True, now=NOW)
    assert seen is not None
    assert (seen.content_hash, seen.title) == ("a" * 64, "More for more")

    assert desk.press(Verb.APPROVE, "b" * 64).outcome is DecisionOutcome.APPROVED
    assert desk.press(Verb.APPROVE, "b" * 64).outcome is DecisionOutcome.TOO_LATE

    assert public_version(desk.stands, rhythm=RHYTHM, needs_approval=True, now=NOW) == desk.stands
    assert (desk.stands.title, desk.stands.corrected_at) == ("Mended", NOW)
    assert desk.queues.refreshes == [SLUG]


def test_withdrawing_removes_the_file_once_and_leaves_the_rest_to_the_removal() -> None:
    desk = Desk()

    assert desk.press(Verb.WITHDRAW).outcome is DecisionOutcome.WITHDRAWN
    assert desk.press(Verb.WITHDRAW).outcome is DecisionOutcome.ALREADY
    assert desk.content.objects == {}
    assert not desk.stands.withdrawn
    assert len(desk.stands.decisions) == 1


def test_the_editors_hear_what_was_decided_and_when_by_their_clock() -> None:
    desk, decision = Desk(), Decision(SLUG, "a" * 64, Verb.HOLD)
    decided = desk.press(Verb.HOLD)

    report_decision(
        decision, decided, ports=desk.ports, zone=ZoneInfo("Asia/Kolkata"), now=NOW + timedelta(minutes=1), by_link=True
    )

    (sent,) = desk.mailer.outbox
    assert sent.to == "editors@example.org"
    assert "outcome: held" in sent.mail.text
    assert "Tuesday 1 December 2026 at 14:31 (Asia/Kolkata)" in sent.mail.text
