"""People steer a send: hold it, let it go on, stop it, send again, rehearse, test, and look somebody up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.core.editors import Editors
from newsletter.errors import InvalidRequestError, SendRejectedError, StoreBusyError, UnknownSendError
from newsletter.feedback.domain.feedback import FeedbackKind, RecordedEvent
from newsletter.feedback.jobs.record_refusal import record_refusal
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.subscriber import Status, leave
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books, tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import SIMULATOR, Again, PausedBy, Send, SendState
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.look_up_outcome import look_up_outcome
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.rehearse import rehearse
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import BECAUSE, send_again
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.jobs.send_status import send_status
from newsletter.sending.jobs.send_test import send_test
from newsletter.sending.jobs.settle import settle
from newsletter.sending.jobs.sweep import sweep
from newsletter.sending.ports import SendPorts, SettlePorts
from newsletter.sending.steering_ports import ControlPorts
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails, VirtualClock
from tests.factories import LINKS, SLUG, record, rendered, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryContent, MemoryIssues
from tests.readers.fakes import MemorySubscribers, MemorySuppressions, PlainAddresses
from tests.sending.fakes import (
    MemoryAudienceCount,
    MemoryDueReports,
    MemoryQueues,
    MemoryRate,
    MemorySends,
    MemorySweeps,
    MemoryTransport,
    PlainAccount,
    plain_channel,
)

HOUR = timedelta(hours=1)


class Desk:
    """A whole newsletter of a few readers, whose queues are worked off on demand."""

    def __init__(self, people: int = 3) -> None:
        self.addresses, self.clock = PlainAddresses(), VirtualClock()
        self.subscribers, self.suppressions = MemorySubscribers(), MemorySuppressions()
        self.sends, self.issues, self.queues = MemorySends(), MemoryIssues(record()), MemoryQueues()
        self.evidence, self.due_reports, self.sweeps = MemoryEvidence(), MemoryDueReports(), MemorySweeps(self.sends)
        self.transport, self.content, self.mailer = MemoryTransport(), MemoryContent(), MemoryMailer()
        self.content.put_rendered(rendered())
        for number in range(people):
            self.join(f"reader{number}@example.org")

    def join(self, email: str) -> str:
        who = self.addresses.subscriber_id(self.addresses.mailbox(email))
        known = self.subscribers.get(who)
        person = replace(
            subscriber(1), subscriber_id=who, email=email, confirmed_at=self.clock.now(),
            version=known.version if known else 0,
        )  # fmt: skip
        assert self.subscribers.save(person)
        return who

    def leave(self, who: str) -> None:
        person = self.subscribers.get(who)
        assert person is not None
        assert self.subscribers.save(leave(person, now=self.clock.now()))

    @property
    def ports(self) -> ControlPorts:
        return ControlPorts(
            sends=self.sends, evidence=self.evidence, issues=self.issues, queues=self.queues, publish_queue=self.queues,
            content=self.content, subscribers=self.subscribers, addresses=self.addresses,
            transport=self.transport,
        )  # fmt: skip

    def open(self) -> None:
        assert self.issues.begin_sending(SLUG, record().content_hash, needs_approval=False)
        self.sends.open(Send(slug=SLUG, content_hash=record().content_hash, shards=16, opened_at=self.clock.now()))
        self.plan()

    def plan(self, slug: str = SLUG) -> None:
        for number in range(16):
            fan_out(
                slug, f"{number:x}0", sends=self.sends, audience=self.subscribers, sending_account=PlainAccount(),
                queues=self.queues, sweeps=self.sweeps, out_of_time=lambda: False, now=self.clock.now(),
            )  # fmt: skip

    def sweep(self) -> None:
        """Compare the list with what is planned, wherever that is asked for."""
        due, self.queues.sweeps = self.queues.sweeps, []
        for name, part in due:
            sweep(
                name, part, sends=self.sends, sweeps=self.sweeps, readers=self.subscribers, queues=self.queues,
                now=self.clock.now(),
            )  # fmt: skip

    def work(self, slug: str = SLUG) -> None:
        """Deliver what was queued: plans, then batches."""
        if self.queues.plans or self.queues.openings:
            self.queues.plans.clear()
            self.queues.openings.clear()  # the page stands, and wakes the planners
            self.plan(slug)
        self.sweep()
        ports = SendPorts(
            sends=self.sends, evidence=self.evidence, subscribers=self.subscribers, content=self.content,
            transport=self.transport, single=self.transport, rate=MemoryRate(until=NOW), queues=self.queues,
            clock=self.clock,
        )  # fmt: skip
        due, self.queues.batches = self.queues.batches, []
        for name, after, _ in due:
            send_batch(
                name, after, claim=after + str(self.clock.now()), ports=ports, links=LINKS,
                reply_to="editors@example.org", today=self.clock.now().date(),
            )  # fmt: skip

    def settle(self, slug: str = SLUG) -> tuple[Send, Books]:
        ports = SettlePorts(
            sends=self.sends, evidence=self.evidence, due_reports=self.due_reports,
            issues=self.issues, queues=self.queues, publish_queue=self.queues,
            report_queue=self.queues, sweeps=self.sweeps, editors=Editors(self.mailer, PlainMails(), TEAM),
            audience=self.subscribers, audience_count=MemoryAudienceCount(), account=PlainAccount(),
            channel=plain_channel(),
        )  # fmt: skip
        return settle(slug, ports=ports, grace=HOUR, now=self.clock.now())

    @property
    def status(self) -> IssueStatus:
        return self.issues.by_slug[SLUG].status


def test_a_held_send_mails_nobody_and_goes_on_where_it_stood() -> None:
    desk = Desk()
    desk.open()
    held = pause_send(SLUG, "A mistake in the text.", ports=desk.ports, now=NOW)
    assert pause_send(SLUG, "Again.", ports=desk.ports, now=NOW) == held
    desk.work()
    assert (desk.transport.mailed, desk.status) == ([], IssueStatus.PAUSED)

    resume_send(SLUG, ports=desk.ports, now=NOW)
    resume_send(SLUG, ports=desk.ports, now=NOW)
    desk.work()

    assert sorted(desk.transport.mailed) == sorted(desk.subscribers.by_id)
    assert desk.settle()[0].state is SendState.CLOSED
    assert desk.status is IssueStatus.SENT


def test_a_send_whose_file_was_removed_is_not_resumed() -> None:
    desk = Desk()
    desk.open()
    pause_send(SLUG, "removed", ports=desk.ports, now=NOW)
    desk.issues.by_slug[SLUG] = replace(desk.issues.by_slug[SLUG], withdrawn=True)

    with pytest.raises(InvalidRequestError, match="put it back"):
        resume_send(SLUG, ports=desk.ports, now=NOW)


def test_a_cancelled_send_mails_nobody_any_more_and_its_books_balance() -> None:
    desk = Desk()
    desk.open()
    cancel_send(SLUG, "The wrong issue.", ports=desk.ports, now=NOW)
    cancel_send(SLUG, "The wrong issue.", ports=desk.ports, now=NOW)
    desk.work()

    send, books = desk.settle()

    assert desk.transport.mailed == []
    assert send.books == books == Books(3, skipped={"cancelled": 3})
    assert desk.status is IssueStatus.CANCELLED
    for action in (pause_send, cancel_send):
        with pytest.raises(InvalidRequestError):
            action(SLUG, "too late", ports=desk.ports, now=NOW)
    with pytest.raises(InvalidRequestError):
        resume_send(SLUG, ports=desk.ports, now=NOW)


def closed_with(desk: Desk, answers: dict[str, Outcome]) -> None:
    desk.open()
    desk.transport.answer = lambda recipient: answers.get(recipient.subscriber_id, Outcome.SENT)
    desk.work()
    assert desk.settle()[0].state is SendState.CLOSED
    desk.transport.answer = lambda _: Outcome.SENT
    desk.transport.calls.clear()


def test_retrying_mails_those_to_whom_it_failed_and_nobody_else() -> None:
    desk = Desk()
    failed, *_ = desk.subscribers.by_id
    closed_with(desk, {failed: Outcome.REJECTED})

    assert send_again(SLUG, Again.FAILED, ports=desk.ports, now=NOW) == 1
    desk.join("new@example.org")
    desk.work()

    assert desk.transport.mailed == [failed]
    assert desk.settle()[0].books == Books(3, sent=3)
    assert desk.status is IssueStatus.SENT
    assert desk.queues.reports == [(SLUG, 0)] * 2


def test_whom_late_evidence_proves_is_not_retried_but_sent() -> None:
    desk = Desk()
    failed, *_ = desk.subscribers.by_id
    closed_with(desk, {failed: Outcome.REJECTED})
    batch = desk.sends.batch_of(SLUG, failed)
    assert batch is not None
    desk.evidence.add(SLUG, batch.after, [failed])

    assert send_again(SLUG, Again.FAILED, ports=desk.ports, now=NOW) == 0
    desk.work()

    assert desk.transport.mailed == []
    assert desk.settle()[0].books == Books(3, sent=3)


def test_the_rest_are_those_who_were_cancelled_came_back_or_joined_since() -> None:
    desk = Desk()
    left, sent, cancelled = desk.subscribers.by_id
    desk.open()
    desk.leave(left)
    for who in (left, sent):
        batch = desk.sends.batch_of(SLUG, who)
        assert batch is not None
        desk.queues.batches = [(SLUG, batch.after, 0)]
        desk.work()
    assert desk.transport.mailed == [sent]
    cancel_send(SLUG, "Stop.", ports=desk.ports, now=NOW)
    desk.settle()
    desk.join(desk.subscribers.by_id[left].email)
    joined = desk.join("new@example.org")
    gone = desk.join("gone@example.org")
    desk.leave(gone)
    desk.transport.calls.clear()

    assert send_again(SLUG, Again.REST, ports=desk.ports, now=NOW) == 2
    desk.work()
    desk.work()

    assert sorted(desk.transport.mailed) == sorted([left, cancelled, joined])
    send, books = desk.settle()
    assert (send.round, send.state, send.books) == (2, SendState.CLOSED, books)
    assert books == Books(4, sent=4)
    assert desk.status is IssueStatus.SENT


def test_the_rest_can_be_asked_for_again_and_again() -> None:
    desk = Desk()
    closed_with(desk, {})
    for number in range(3):
        joined = desk.join(f"late{number}@example.org")
        send_again(SLUG, Again.REST, ports=desk.ports, now=NOW)
        desk.work()
        assert desk.settle()[0].state is SendState.CLOSED
        assert desk.transport.mailed[-1] == joined
    assert len(desk.transport.mailed) == 3


def test_the_rest_of_an_open_send_have_to_wait_for_its_end() -> None:
    desk = Desk()
    desk.open()

    with pytest.raises(InvalidRequestError, match="until its books are closed"):
        send_again(SLUG, Again.REST, ports=desk.ports, now=NOW)


def test_sending_again_that_was_cut_off_stays_held_until_it_is_asked_for_again() -> None:
    desk = Desk()
    failed, *_ = desk.subscribers.by_id
    closed_with(desk, {failed: Outcome.REJECTED})

    class Cut(MemoryIssues):
        def set_status(self, *_: object, **__: object) -> None:
            raise StoreBusyError("cut off")

    cut = Cut()
    cut.by_slug = desk.issues.by_slug
    with pytest.raises(StoreBusyError):
        send_again(SLUG, Again.FAILED, ports=replace(desk.ports, issues=cut), now=NOW)
    held, _ = desk.settle()
    assert (held.state, held.paused_because) == (SendState.PAUSED, BECAUSE[Again.FAILED])
    assert held.preparing is Again.FAILED

    assert send_again(SLUG, Again.FAILED, ports=desk.ports, now=NOW) == 1
    desk.work()
    assert desk.settle()[0].books == Books(3, sent=3)


def test_retrying_a_send_that_a_person_holds_leaves_it_held() -> None:
    desk = Desk()
    desk.open()
    failed, *_ = desk.subscribers.by_id
    desk.transport.answer = lambda it: Outcome.REJECTED if it.subscriber_id == failed else Outcome.SENT
    desk.work()
    pause_send(SLUG, "Wait.", ports=desk.ports, now=NOW)

    assert send_again(SLUG, Again.FAILED, ports=desk.ports, now=NOW) == 1

    assert desk.sends.headers[SLUG].paused_because == "Wait."
    assert desk.settle()[1].waiting == 1


def test_a_rehearsal_mails_the_whole_list_to_the_simulator_and_no_reader() -> None:
    desk = Desk()
    send = rehearse(SLUG, ports=desk.ports, shard_count=16, now=NOW)
    assert rehearse(SLUG, ports=desk.ports, shard_count=16, now=NOW).slug == send.slug == f"{SLUG}_rehearsal_1"

    desk.work(send.slug)

    mailed = [recipient for call in desk.transport.calls for recipient in call]
    assert {recipient.email for recipient in mailed} == {f"success+{who}@{SIMULATOR}" for who in desk.subscribers.by_id}
    assert {(recipient.tags["kind"], recipient.tags["issue"]) for recipient in mailed} == {("rehearsal", send.slug)}
    assert desk.settle(send.slug)[0].books == Books(3, sent=3)
    assert desk.status is IssueStatus.READY
    assert desk.sends.get(SLUG) is None
    assert rehearse(SLUG, ports=desk.ports, shard_count=16, now=NOW).slug == f"{SLUG}_rehearsal_2"


def test_a_test_goes_to_one_address_with_the_real_headers_and_leaves_no_trace() -> None:
    desk = Desk()
    send_test(
        SLUG, "me@example.org", "Ada", ports=desk.ports, links=LINKS, reply_to="editors@example.org", now=NOW
    )  # fmt: skip

    ((mail,),) = desk.transport.calls
    assert (mail.email, mail.tags) == ("me@example.org", {"kind": "test", "issue": SLUG})
    assert {name for name, _ in mail.headers} >= {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert "Ada" in mail.variables.values()
    assert desk.sends.headers == {}
    desk.transport.answer = lambda _: Outcome.REJECTED
    with pytest.raises(SendRejectedError):
        send_test(SLUG, "me@example.org", "", ports=desk.ports, links=LINKS, reply_to="e@example.org", now=NOW)


def test_a_test_goes_out_in_each_language_of_the_issue_or_in_the_one_that_is_asked_for() -> None:
    desk = Desk()
    original = desk.content.rendered(SLUG, desk.issues.by_slug[SLUG].content_hash)
    welsh = replace(original, lang="cy", translation="cy", translations=())
    two = replace(original, translations=(welsh,)).sealed()
    desk.content.put_rendered(two)
    desk.issues.by_slug[SLUG] = replace(desk.issues.by_slug[SLUG], content_hash=two.content_hash)

    def test(lang: str = "") -> list[str]:
        return send_test(
            SLUG, "me@example.org", "", lang=lang, ports=desk.ports, links=LINKS, reply_to="e@example.org", now=NOW
        )

    assert test() == ["en", "cy"]
    assert test("cy") == test("cy-GB") == ["cy"]
    unsubscribe = [dict(mail.headers)["List-Unsubscribe"] for (mail,) in desk.transport.calls]
    assert ["lang=cy" in link for link in unsubscribe] == [False, True, True, True]
    with pytest.raises(UnknownSendError, match="does not have the language fr; it has en, cy"):
        test("fr")
    assert len(desk.transport.calls) == 4


def test_one_reader_is_looked_up_by_address() -> None:
    desk = Desk()
    desk.clock.sleep(60)
    desk.open()
    assert look_up_outcome(SLUG, "reader0@example.org", ports=desk.ports).outcome == "waiting"
    desk.work()
    found = look_up_outcome(SLUG, "Reader0@example.org", ports=desk.ports)
    assert (found.outcome, found.proved) == ("sent", False)
    desk.evidence.add(SLUG, found.batch, [found.subscriber_id])
    assert look_up_outcome(SLUG, "reader0@example.org", ports=desk.ports).proved


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (None, "Nobody with this address"),
        ({"status": Status.UNSUBSCRIBED}, "left"),
        ({"status": Status.UNCONFIRMED}, "not confirmed"),
        ({"suppressed": True}, "bounced"),
        ({"confirmed_at": NOW + HOUR}, "after the audience was counted"),
        ({"confirmed_at": NOW - HOUR}, "not planned yet"),
    ],
)
def test_whoever_is_not_in_the_audience_is_told_apart(changes: dict[str, object] | None, why: str) -> None:
    desk = Desk(people=0)
    desk.open()
    if changes is not None:
        who = desk.join("late@example.org")
        desk.subscribers.by_id[who] = replace(desk.subscribers.by_id[who], **changes)  # type: ignore[arg-type]

    found = look_up_outcome(SLUG, "late@example.org", ports=desk.ports)

    assert found.outcome == "not in the audience"
    assert why in found.why


def test_what_ses_takes_back_after_the_close_is_in_the_books_and_in_a_new_report() -> None:
    desk = Desk()
    who, *_ = desk.subscribers.by_id
    closed_with(desk, {})
    batch = desk.sends.batch_of(SLUG, who)
    assert batch is not None

    for _ in range(2):
        record_refusal(SLUG, batch.after, [who], Outcome.RENDERING, sends=desk.sends, queues=desk.queues, now=NOW)
        assert desk.settle()[0].books == Books(3, sent=2, failed={"rendering": 1})

    assert set(desk.queues.reports) == {(SLUG, 0)}
    assert len(desk.queues.reports) > 1
    assert send_status(SLUG, sends=desk.sends, now=NOW)[1].books == tally(desk.sends.batches(SLUG))


def test_retrying_mails_whom_ses_took_first_and_refused_then() -> None:
    desk = Desk()
    who, *_ = desk.subscribers.by_id
    closed_with(desk, {})
    batch = desk.sends.batch_of(SLUG, who)
    assert batch is not None
    taken_back = {FeedbackKind.RENDERING_FAILED: [RecordedEvent(who, NOW)]}
    desk.evidence.add(SLUG, batch.after, batch.ids, taken_back)
    record_refusal(SLUG, batch.after, [who], Outcome.RENDERING, sends=desk.sends, queues=desk.queues, now=NOW)
    desk.settle()
    desk.transport.calls.clear()

    assert send_again(SLUG, Again.FAILED, ports=desk.ports, now=NOW) == 1
    desk.work()

    assert desk.transport.mailed == [who]
    assert desk.settle()[0].books == Books(3, sent=3)


def test_refusals_of_an_open_send_ask_for_no_looks_of_their_own() -> None:
    desk = Desk()
    desk.open()
    desk.work()
    desk.queues.settles.clear()  # whoever ended the last batch asked for one
    for who in desk.subscribers.by_id:
        batch = desk.sends.batch_of(SLUG, who)
        assert batch is not None
        record_refusal(SLUG, batch.after, [who], Outcome.RENDERING, sends=desk.sends, queues=desk.queues, now=NOW)

    assert desk.queues.settles == []
    assert desk.settle()[1].failed == {"rendering": 3}


def test_a_refusal_that_was_cut_off_behind_the_opening_of_closed_books_is_finished_by_its_repetition() -> None:
    desk = Desk()
    who, *_ = desk.subscribers.by_id
    closed_with(desk, {})
    batch = desk.sends.batch_of(SLUG, who)
    assert batch is not None
    for _ in range(2):
        desk.queues.settles.clear()
        record_refusal(SLUG, batch.after, [who], Outcome.RENDERING, sends=desk.sends, queues=desk.queues, now=NOW)

    assert desk.queues.settles == [(SLUG, 0)]


def test_a_refusal_waits_for_the_worker_who_holds_the_batch() -> None:
    desk = Desk()
    desk.open()
    who, *_ = desk.subscribers.by_id
    batch = desk.sends.batch_of(SLUG, who)
    assert batch is not None
    assert desk.sends.replace(batch, batch.claimed("worker", now=NOW))

    with pytest.raises(StoreBusyError):
        record_refusal(SLUG, batch.after, [who], Outcome.REJECTED, sends=desk.sends, queues=desk.queues, now=NOW)
    record_refusal(SLUG, "ff", [who], Outcome.REJECTED, sends=desk.sends, queues=desk.queues, now=NOW)


def test_a_send_that_does_not_exist_cannot_be_steered() -> None:
    ports = Desk().ports
    for action in (pause_send, cancel_send):
        with pytest.raises(UnknownSendError):
            action("no-such-issue", "why", ports=ports, now=NOW)
    with pytest.raises(UnknownSendError):
        resume_send("no-such-issue", ports=ports, now=NOW)
    with pytest.raises(UnknownSendError):
        send_again("no-such-issue", Again.FAILED, ports=ports, now=NOW)
    with pytest.raises(UnknownSendError):
        rehearse("no-such-issue", ports=ports, shard_count=16, now=NOW)
    with pytest.raises(UnknownSendError):
        look_up_outcome("no-such-issue", "a@example.org", ports=ports)


def test_a_pause_for_the_quota_is_taken_over_by_a_person() -> None:
    desk = Desk()
    desk.open()
    desk.sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW, now=NOW)

    assert pause_send(SLUG, "Not today.", ports=desk.ports, now=NOW).paused_by is PausedBy.PERSON


def test_the_end_of_a_chain_holds_nobody_to_retry() -> None:
    assert Batch.end(SLUG, "00", now=NOW).retried([Outcome.REJECTED], (), now=NOW) is None
