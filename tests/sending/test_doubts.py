"""Readers in doubt: silence about them proves something only when reports of SES are shown to arrive, and are read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter.core.editors import Editors
from newsletter.errors import SendOutcomeUnknownError, StoreBusyError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.batch import WORKER_LIFE, Batch
from newsletter.sending.domain.next_look import FARTHEST, SOON, next_look
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import AT_ONCE, CLOCKS_APART, LOST_AFTER, SAMPLE, ProbeAnswer, clocks_apart
from newsletter.sending.domain.send import OUTAGE_SENTENCE, PausedBy, Send, SendState
from newsletter.sending.jobs.settle import settle
from newsletter.sending.ports import SettlePorts
from newsletter.sending.probe_ports import EvidenceChannel
from newsletter.sending.settle_news import OUTAGE_NEWS_AFTER
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, an_id, record
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import (
    MemoryAudienceCount,
    MemoryDueReports,
    MemoryProbes,
    MemoryQueues,
    MemorySecondPlace,
    MemorySends,
    MemorySweeps,
    PlainAccount,
    PlainBacklog,
    PlainProber,
)

GRACE = timedelta(hours=1)
A_DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SENT = tuple(an_id(number) for number in range(1, SAMPLE + 1))
"""Whom SES took for sure: as many as make their silence mean something."""

BEN, CYD = an_id(300), an_id(301)
QUIET = NOW + CLOCKS_APART
"""From when on nothing can come of the call any more."""


class Office:
    """A send in which SES took some for sure, and gave no clear answer about Ben and Cyd."""

    def __init__(self, sent: tuple[str, ...] = SENT) -> None:
        self.sends, self.queues, self.mailer = MemorySends(), MemoryQueues(), MemoryMailer()
        self.evidence, self.issues = MemoryEvidence(), MemoryIssues(record(status=IssueStatus.SENDING, listed=True))
        self.prober, self.probes, self.backlog, self.archive = (
            PlainProber(),
            MemoryProbes(),
            PlainBacklog(),
            MemorySecondPlace(),
        )
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        self.add("00", sent, Outcome.SENT)
        self.add("10", (BEN, CYD), Outcome.UNKNOWN)
        self.evidence.add(SLUG, "00", sent)
        for shard in shards(16):
            self.sends.finish_shard(SLUG, shard)

    def add(self, after: str, ids: tuple[str, ...], outcome: Outcome, *, now: datetime = NOW) -> None:
        if ids:
            held = Batch.of(SLUG, after, ids, now=now).claimed("worker", now=now)
            self.sends.add_batch(held.recorded(dict.fromkeys(ids, outcome), now=now))

    def look(self, now: datetime, *, hold: bool = False) -> Send:
        ports = SettlePorts(
            sends=self.sends, evidence=self.evidence, due_reports=MemoryDueReports(), issues=self.issues,
            queues=self.queues, publish_queue=self.queues, report_queue=self.queues, audience=MemorySubscribers(),
            audience_count=MemoryAudienceCount(), account=PlainAccount(), sweeps=MemorySweeps(self.sends),
            channel=EvidenceChannel(self.prober, self.probes, self.backlog, self.archive),
            editors=Editors(self.mailer, PlainMails(), TEAM),
        )  # fmt: skip
        return settle(SLUG, ports=ports, grace=GRACE, hold=hold, now=now)[0]

    def reports_arrive(self, *, mailed_at: datetime, but: int = 0) -> None:
        """Let SES report the last probe."""
        probe = self.header.probe
        assert probe is not None
        for number in range(probe.size - but):
            self.probes.note(probe.probe_id, str(number), mailed_at, now=mailed_at)

    @property
    def header(self) -> Send:
        return self.sends.headers[SLUG]

    @property
    def waiting(self) -> tuple[str, ...]:
        return self.sends.batch_items[SLUG, "10"].waiting


def test_a_doubt_ends_minutes_after_the_call_once_a_later_message_is_reported_and_nothing_waits_to_be_read() -> None:
    office = Office()
    office.look(QUIET - timedelta(seconds=1))
    assert office.prober.sent == []

    office.look(QUIET)
    assert office.prober.sent == [AT_ONCE]
    assert not office.waiting
    office.reports_arrive(mailed_at=QUIET)
    office.look(QUIET + SOON)

    assert office.waiting == (BEN, CYD)
    assert office.queues.batches == [(SLUG, "10", 0)]
    assert office.sends.batch_items[SLUG, "10"].doubts == ()
    assert office.sends.batch_items[SLUG, "10"].repeats == ()
    assert office.mailer.outbox == []


def test_where_doubts_are_held_a_proof_still_lets_the_mail_go() -> None:
    office = Office()
    office.look(QUIET, hold=True)
    office.reports_arrive(mailed_at=QUIET)

    office.look(QUIET + SOON, hold=True)

    assert office.waiting == (BEN, CYD)


def test_the_clock_of_ses_says_when_a_probe_left_and_not_ours() -> None:
    office = Office()
    office.look(QUIET + GRACE)  # our clock is an hour ahead
    office.reports_arrive(mailed_at=QUIET - timedelta(seconds=1))

    office.look(QUIET + GRACE)

    assert not office.waiting
    assert len(office.prober.sent) == 2


@pytest.mark.parametrize(
    "missing", ["the probe", "one message of it", "the queue", "dead letters", "knowledge", "a report"]
)
def test_nobody_is_mailed_again_while_something_is_missing(missing: str) -> None:
    office = Office()
    office.look(QUIET)
    if missing != "the probe":
        office.reports_arrive(mailed_at=QUIET, but=missing == "one message of it")
    match missing:
        case "the queue":
            office.backlog.unread = 1
        case "dead letters":
            office.backlog.given_up = 1
        case "knowledge":
            office.backlog = NobodyKnows()
        case "a report":
            office.evidence = MemoryEvidence()
            office.evidence.add(SLUG, "00", SENT[1:])

    for moment in (QUIET + SOON, QUIET + GRACE, NOW + A_DAY - MINUTE):
        office.look(moment)
    assert not office.waiting
    office.look(NOW + A_DAY)  # then the policy decides, as it was announced

    assert office.waiting == (BEN, CYD)
    assert office.sends.batch_items[SLUG, "10"].doubts == (1, 1)
    assert office.sends.batch_items[SLUG, "10"].repeats == (1, 1)
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_doubts_wait"]


class NobodyKnows(PlainBacklog):
    """SQS does not answer."""

    def waiting(self) -> int:
        raise StoreBusyError


def test_the_editors_hear_once_who_is_in_doubt_what_is_missing_and_what_happens_otherwise() -> None:
    office = Office()
    office.look(NOW + GRACE - timedelta(seconds=1))
    assert office.mailer.outbox == []
    for minutes in (0, 5, 10):
        office.look(NOW + GRACE + MINUTE * minutes)

    (sent,) = office.mailer.outbox
    for said in ("2 readers", "has not reported a message to its own mailbox", "2 December 2026, 09:00 UTC", "twice"):
        assert said in sent.mail.text
    assert "2 readers" in office.header.doubts_wait_for
    office.reports_arrive(mailed_at=NOW + GRACE)
    office.look(NOW + GRACE * 2)
    assert office.waiting == (BEN, CYD)
    office.look(NOW + GRACE * 2)
    assert (office.header.doubts_wait_for, office.header.probe) == ("", None)


def test_the_second_place_of_evidence_is_asked_before_the_policy_decides_and_nothing_is_decided_without_it() -> None:
    office = Office()
    office.archive.kept = {("10", BEN), ("00", CYD)}
    office.archive.failure = StoreBusyError("S3 does not answer")
    office.look(NOW + A_DAY)
    assert not office.waiting
    office.archive.failure = None

    office.look(NOW + A_DAY + MINUTE)

    assert office.sends.batch_items[SLUG, "10"].outcomes == (Outcome.SENT, None)


def test_where_doubts_are_held_the_editors_hear_that_nobody_is_emailed_twice() -> None:
    office = Office()
    office.look(NOW + GRACE, hold=True)

    assert "recorded as not reached" in office.mailer.outbox[0].mail.text


def test_one_report_in_a_thousand_may_be_missing_once_the_grace_period_is_over() -> None:
    many = tuple(an_id(number) for number in range(1000, 2000))
    office = Office(many)
    office.evidence = MemoryEvidence()
    office.evidence.add(SLUG, "00", many[1:])
    office.look(QUIET)
    office.reports_arrive(mailed_at=QUIET)

    office.look(QUIET + GRACE - timedelta(seconds=1))
    assert not office.waiting
    office.look(QUIET + GRACE)
    assert office.waiting == (BEN, CYD)


def test_reports_of_calls_that_ended_a_moment_before_the_probe_may_be_on_their_way() -> None:
    office = Office()
    office.add("20", (an_id(512),), Outcome.SENT, now=QUIET)
    office.look(QUIET)
    office.reports_arrive(mailed_at=QUIET)

    office.look(QUIET + SOON)

    assert office.waiting == (BEN, CYD)


def test_where_few_were_mailed_more_messages_to_the_mailbox_make_up_for_them() -> None:
    office = Office(sent=())
    for number in range(SAMPLE // AT_ONCE):
        assert not office.waiting
        office.look(QUIET + SOON * number)
        office.reports_arrive(mailed_at=QUIET + SOON * number)
    office.look(QUIET + MINUTE)

    assert office.prober.sent == [AT_ONCE] * (SAMPLE // AT_ONCE)
    assert office.waiting == (BEN, CYD)


def test_a_probe_that_got_lost_is_a_report_that_got_lost_and_no_other_makes_up_for_it() -> None:
    office = Office()
    office.look(QUIET)
    for hours in range(1, 23):
        office.look(QUIET + GRACE * hours)
    assert len(office.prober.sent) == 1
    office.add("20", (an_id(512),), Outcome.UNKNOWN, now=QUIET + LOST_AFTER - MINUTE * 10)

    office.look(QUIET + LOST_AFTER)

    assert len(office.prober.sent) == 2  # for those whose day is not over


def test_once_the_policy_had_to_decide_no_silence_is_taken_for_proof_in_this_send() -> None:
    office = Office()
    a_day_later = NOW + A_DAY
    office.look(a_day_later)
    assert office.waiting == (BEN, CYD)
    planned = office.sends.batch_items[SLUG, "10"]
    again = planned.claimed("worker", now=a_day_later)
    assert office.sends.replace(planned, again)
    assert office.sends.replace(again, again.recorded({BEN: Outcome.UNKNOWN, CYD: Outcome.UNKNOWN}, now=a_day_later))

    office.look(a_day_later + CLOCKS_APART)
    office.reports_arrive(mailed_at=a_day_later + CLOCKS_APART)
    office.look(a_day_later + CLOCKS_APART + SOON)
    assert not office.waiting

    office.look(a_day_later + A_DAY)
    assert office.waiting == (BEN, CYD)


def test_a_worker_that_died_is_in_doubt_from_the_end_of_its_life() -> None:
    office = Office()
    office.sends.batch_items[SLUG, "10"] = Batch.of(SLUG, "10", (BEN, CYD), now=NOW).claimed("dead", now=NOW)
    office.look(QUIET + WORKER_LIFE - timedelta(seconds=1))
    assert (office.prober.sent, office.header.doubts_end_at) == ([], QUIET + WORKER_LIFE)

    office.look(QUIET + WORKER_LIFE)
    office.reports_arrive(mailed_at=QUIET + WORKER_LIFE)
    office.look(QUIET + WORKER_LIFE + SOON)

    assert set(office.waiting) == {BEN, CYD}
    assert office.queues.batches == [(SLUG, "10", 0)]


def test_a_probe_without_a_clear_answer_pauses_the_send_until_there_is_one() -> None:
    office = Office()
    office.prober.answer = ProbeAnswer.UNCLEAR
    send = office.look(QUIET)
    assert (send.state, send.paused_by, send.paused_because) == (SendState.PAUSED, PausedBy.OUTAGE, OUTAGE_SENTENCE)

    asked = [QUIET + MINUTE * minutes for minutes in range(0, 301) if office_asks(office, QUIET + MINUTE * minutes)]
    assert (len(asked), asked[-1] - asked[-2]) == (62, FARTHEST)
    office.prober.answer = ProbeAnswer.ACCEPTED
    ended = QUIET + timedelta(hours=6)
    send = office.look(ended)

    assert (send.state, send.outage_ended_at) == (SendState.OPEN, ended)
    assert office.queues.openings == [SLUG]
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_paused", "editors_send_resumed"]


def office_asks(office: Office, now: datetime) -> bool:
    """Look once, and return whether SES was asked."""
    before = len(office.prober.sent)
    office.look(now)
    return len(office.prober.sent) > before


def test_an_outage_of_a_day_is_no_reason_to_give_anybody_up_or_to_mail_anybody_twice() -> None:
    office = Office()
    office.prober.answer = ProbeAnswer.UNCLEAR
    for hours in range(50):
        office.look(QUIET + GRACE * hours, hold=True)
    assert office.sends.batch_items[SLUG, "10"].in_doubt == (BEN, CYD)
    office.prober.answer = ProbeAnswer.ACCEPTED
    ended = QUIET + GRACE * 50
    office.look(ended, hold=True)
    office.reports_arrive(mailed_at=ended)

    office.look(ended + SOON, hold=True)

    assert office.waiting == (BEN, CYD)


def test_editors_hear_of_an_outage_that_lasts_and_an_email_that_may_have_left_is_not_repeated() -> None:
    office = Office()
    office.prober.answer = ProbeAnswer.UNCLEAR
    office.mailer.failure = SendOutcomeUnknownError("no answer")
    office.look(QUIET)
    office.look(QUIET + OUTAGE_NEWS_AFTER - timedelta(seconds=1))
    assert office.header.editors_informed_of is None

    office.look(QUIET + OUTAGE_NEWS_AFTER)

    assert office.header.editors_informed_of is PausedBy.OUTAGE


def test_an_outage_that_begins_again_at_once_is_asked_about_less_often() -> None:
    office = Office()
    for began, first in ((NOW, SOON), (NOW + MINUTE * 2, FARTHEST)):
        office.sends.pause(SLUG, OUTAGE_SENTENCE, by=PausedBy.OUTAGE, resume_at=began, now=began)
        assert office.look(began + first - timedelta(seconds=1)).state is SendState.PAUSED
        assert office.look(began + first).state is SendState.OPEN


def test_a_refusal_is_an_answer_and_the_workers_find_out_its_cause() -> None:
    office = Office()
    office.sends.pause(SLUG, OUTAGE_SENTENCE, by=PausedBy.OUTAGE, resume_at=NOW, now=NOW)
    office.prober.answer = ProbeAnswer.LATER
    assert office.look(NOW + SOON).state is SendState.PAUSED
    office.prober.answer = ProbeAnswer.REFUSED

    assert office.look(NOW + MINUTE).state is SendState.OPEN


def test_a_person_who_resumes_in_an_outage_ends_it() -> None:
    office = Office()
    office.sends.pause(SLUG, OUTAGE_SENTENCE, by=PausedBy.OUTAGE, resume_at=NOW, now=NOW)

    office.sends.resume(SLUG, now=NOW + MINUTE)

    assert office.header.outage_ended_at == NOW + MINUTE


def test_a_send_without_doubts_is_looked_at_as_often_as_ever_and_one_that_waits_for_proof_more_often() -> None:
    office, every = Office(), timedelta(minutes=5)
    calm = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW)
    assert next_look(calm, every=every, now=NOW) == every

    office.look(NOW)
    assert next_look(office.header, every=every, now=NOW + MINUTE) == CLOCKS_APART - MINUTE
    office.look(QUIET)
    assert next_look(office.header, every=every, now=QUIET) == SOON
    assert next_look(office.header, every=every, now=QUIET + MINUTE * 10) == MINUTE
    office.look(NOW + GRACE)
    assert next_look(office.header, every=every, now=NOW + GRACE) == every


@pytest.mark.parametrize(
    ("by", "wait"), [(PausedBy.PERSON, None), (PausedBy.OUTAGE, SOON)]
)  # fmt: skip
def test_a_held_send_asks_for_looks_only_where_it_goes_on_by_asking(by: PausedBy, wait: timedelta | None) -> None:
    office = Office()
    office.sends.pause(SLUG, "why", by=by, resume_at=NOW, now=NOW)

    assert next_look(office.header, every=timedelta(minutes=5), now=NOW) == wait


def test_clocks_of_a_laptop_are_one() -> None:
    assert clocks_apart(timedelta(seconds=60)) == timedelta(seconds=5)
    assert clocks_apart(GRACE) == CLOCKS_APART == timedelta(minutes=5)
