"""Reports: figures that cannot contradict the books, and two mails to the editors, each once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.editors import Editors
from newsletter.errors import AccountUnknownError, SendThrottledError, StoreBusyError, UnknownSendError
from newsletter.feedback.domain.engagement import Touch
from newsletter.feedback.domain.feedback import FeedbackKind, Reason, RecordedEvent
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.feedback.domain.response import Vote, VoteLink
from newsletter.feedback.domain.user_agent import Agent
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.reports.domain.metrics import Metric
from newsletter.reports.domain.report import SECOND_REPORT
from newsletter.reports.domain.report_name import GROWTH
from newsletter.reports.domain.reported import COMPARED_AFTER
from newsletter.reports.jobs.ask_for_due_reports import ask_for_due_reports
from newsletter.reports.jobs.write_growth import write_growth
from newsletter.reports.jobs.write_report import write_report
from newsletter.reports.ports import ReportPorts
from newsletter.reports.tag_counts import tag_counts
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Again, PausedBy, Send
from newsletter.sending.domain.usage import COMPUTE, WRITES, Usage
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, an_id, record, subscriber
from tests.feedback.fakes import MemoryEngagement, MemoryEvidence, MemoryResponses
from tests.issues.fakes import MemoryContent, MemoryIssues
from tests.readers.fakes import MemorySubscribers, MemorySuppressions
from tests.reports.fakes import MemoryCensus, MemoryMetrics, MemoryRetentionLog, PlainReportLinks
from tests.sending.fakes import MemoryDueReports, MemoryQueues, MemorySends, MemoryUsage, PlainAccount

CLOSED = NOW + timedelta(minutes=12)
AN_HOUR_LATER = CLOSED + COMPARED_AFTER
TWO_DAYS_LATER = CLOSED + SECOND_REPORT
FINAL = tuple(each for each in Outcome if each is not Outcome.UNKNOWN)


class Newsroom:
    """A send that closed, and everything its report is made of."""

    def __init__(self, outcomes: list[Outcome] | None = None, *, rehearsal_of: str = "") -> None:
        self.name = f"{SLUG}_rehearsal_1" if rehearsal_of else SLUG
        self.sends, self.queues, self.mailer = MemorySends(), MemoryQueues(), MemoryMailer()
        self.evidence, self.usage, self.due_reports = MemoryEvidence(), MemoryUsage(), MemoryDueReports()
        self.subscribers, self.suppressions = MemorySubscribers(), MemorySuppressions()
        self.content, self.account = MemoryContent(), PlainAccount()
        self.metrics = MemoryMetrics()
        self.engagement: MemoryEngagement | None = None
        self.responses = MemoryResponses()
        outcomes = [Outcome.SENT, Outcome.SENT, Outcome.LEFT] if outcomes is None else outcomes
        self.sends.open(
            Send(slug=self.name, content_hash="a" * 64, shards=16, opened_at=NOW, rehearsal_of=rehearsal_of)
        )
        self.sends.change(self.name, lambda send: send.foreseen(forecast(len(outcomes), self.account.allowed)))
        for start in range(0, len(outcomes), 50):
            some = outcomes[start : start + 50]
            ids = tuple(an_id(start + number) for number in range(len(some)))
            at = NOW + timedelta(seconds=start)
            batch = Batch.of(self.name, f"{start:04x}", ids, now=at).claimed("worker", now=at)
            self.sends.add_batch(batch.recorded(dict(zip(ids, some, strict=True)), now=at))
        self.close()

    def close(self, now: datetime = CLOSED) -> None:
        send = self.send
        assert self.sends.close(send, tally(self.sends.batches(self.name)), now=now)

    @property
    def send(self) -> Send:
        return self.sends.headers[self.name]

    @property
    def ports(self) -> ReportPorts:
        return ReportPorts(
            sends=self.sends, evidence=self.evidence, usage=self.usage, due_reports=self.due_reports,
            issues=MemoryIssues(record()), content=self.content, account=self.account,
            census=MemoryCensus(self.subscribers, self.suppressions), links=PlainReportLinks(),
            editors=Editors(self.mailer, PlainMails(), TEAM), metrics=self.metrics, responses=self.responses,
            engagement=self.engagement,
        )  # fmt: skip

    def write(self, now: datetime = CLOSED) -> str:
        return write_report(self.name, ports=self.ports, zone=ZoneInfo("UTC"), now=now)

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.content.reports[self.name]))

    @property
    def mailed(self) -> list[str]:
        """The numbers of the reports that the editors got."""
        return [line for sent in self.mailer.outbox for line in sent.mail.text.split("\n") if line.startswith("number")]


recorded = st.lists(
    st.tuples(
        st.sampled_from(
            [FeedbackKind.DELIVERED, FeedbackKind.HARD_BOUNCE, FeedbackKind.SOFT_BOUNCE, FeedbackKind.COMPLAINT]
        ),
        st.integers(0, 120),
        st.integers(-5, 5000),
        st.sampled_from(Reason),
        st.sampled_from(Provider),
    ),
    max_size=40,
)


@given(outcomes=st.lists(st.sampled_from(FINAL), max_size=120), happened=recorded)
def test_a_report_never_contradicts_the_books_nor_itself(outcomes: list[Outcome], happened: list[Any]) -> None:
    room = Newsroom(outcomes)
    for kind, who, minute, reason, provider in happened:
        about = RecordedEvent(an_id(who), NOW + timedelta(minutes=minute), reason, provider)
        room.evidence.add(SLUG, "0000", [an_id(who)], {kind: [about]})
    room.write(TWO_DAYS_LATER)
    report, books = room.report, room.send.books

    assert books is not None
    assert report["books"] == asdict(books)
    assert sum(report["sending"]["handed"]) == books.sent == report["receipt"]["lines"][0]["units"]
    for kind in ("hard_bounce", "soft_bounce", "complaint"):
        assert sum(report["reasons"][kind].values()) == report["events"][kind]
        assert sum(row[kind] for row in report["providers"]) == report["events"][kind]
    sending = report["sending"]
    delivered = sum(sending["delivered"] or []) + sending["delivered_later"]
    assert delivered == sum(row["delivered"] for row in report["providers"]) == report["events"]["delivered"]
    bounced = report["events"]["hard_bounce"] + report["events"]["soft_bounce"]
    assert sum(report["afterwards"]["bounced"]) == bounced
    assert sum(report["afterwards"]["complained"]) == report["events"]["complaint"]


def test_outcomes_that_are_not_those_of_the_books_give_no_report_at_all() -> None:
    room = Newsroom()
    batch = room.sends.batch(SLUG, "0000")
    assert batch is not None
    changed = batch.refused([an_id(0)], Outcome.RENDERING, now=CLOSED)
    assert changed is not None
    room.sends.replace(batch, changed)

    with pytest.raises(StoreBusyError):
        room.write()

    assert (room.content.reports, room.mailer.outbox) == ({}, [])


def test_a_send_that_is_not_closed_has_no_report_yet() -> None:
    room = Newsroom()
    room.sends.change(SLUG, Send.to_be_counted_again)

    assert room.write() == "open"
    assert (room.content.reports, room.mailer.outbox) == ({}, [])


def test_a_report_on_no_send_of_ours_is_refused() -> None:
    with pytest.raises(UnknownSendError):
        write_report("another-issue", ports=Newsroom().ports, zone=ZoneInfo("UTC"), now=NOW)


def test_the_editors_get_a_report_at_the_closing_and_one_two_days_later_each_once() -> None:
    room = Newsroom()

    at_once = [room.write() for _ in range(3)]
    soon = room.write(TWO_DAYS_LATER - timedelta(seconds=1))
    later = [room.write(TWO_DAYS_LATER + timedelta(hours=each)) for each in range(3)]

    assert at_once == ["mailed", "written", "written"]
    assert (soon, later) == ("written", ["mailed", "written", "written"])
    assert room.mailed == ["number: 1", "number: 2"]
    assert room.report["settled"]


def test_the_clock_asks_for_the_second_report_when_it_is_due_and_then_forgets_it() -> None:
    room = Newsroom()
    room.write()

    def asked(now: datetime) -> list[str]:
        return ask_for_due_reports(due_reports=room.due_reports, report_queue=room.queues, now=now)

    assert asked(AN_HOUR_LATER - timedelta(seconds=1)) == []
    assert asked(AN_HOUR_LATER) == [SLUG]  # to compare SES's reports
    room.write(AN_HOUR_LATER)
    assert asked(TWO_DAYS_LATER - timedelta(seconds=1)) == []
    assert asked(TWO_DAYS_LATER) == [SLUG]
    assert asked(TWO_DAYS_LATER) == []
    assert room.queues.reports == [(SLUG, 0)] * 2
    assert len(room.mailed) == 1


@pytest.mark.parametrize(("reported", "missing"), [(0, True), (94, True), (95, False), (100, False)])
def test_an_hour_after_the_close_it_rings_when_ses_reported_too_few_of_what_it_took(
    reported: int, missing: bool
) -> None:
    room = Newsroom([Outcome.SENT] * 100 + [Outcome.LEFT] * 50)
    for number in range(reported):
        room.evidence.add(SLUG, "0000", [an_id(number)])

    room.write(AN_HOUR_LATER - timedelta(seconds=1))
    at_the_close = room.report["reports"]
    room.write(AN_HOUR_LATER)

    assert at_the_close == {"accepted": 100, "reported": reported, "compared": False, "missing": False}
    assert room.report["reports"] == {"accepted": 100, "reported": reported, "compared": True, "missing": missing}
    assert room.metrics.emitted == [{Metric.REPORTS_MISSING: int(missing)}]


def test_it_rings_no_more_once_a_replay_brought_what_was_missing() -> None:
    room = Newsroom()
    room.write(AN_HOUR_LATER)
    room.evidence.add(SLUG, "0000", [an_id(0), an_id(1)])
    room.write(AN_HOUR_LATER + timedelta(hours=3))

    assert room.metrics.emitted == [{Metric.REPORTS_MISSING: 1}, {Metric.REPORTS_MISSING: 0}]


def test_nobody_mailed_is_nothing_missing() -> None:
    room = Newsroom([Outcome.LEFT])
    room.write(AN_HOUR_LATER)

    assert room.metrics.emitted == [{Metric.REPORTS_MISSING: 0}]


def test_a_rehearsal_has_one_report_and_says_that_it_is_one() -> None:
    room = Newsroom(rehearsal_of=SLUG)

    assert [room.write(), room.write(TWO_DAYS_LATER)] == ["mailed", "written"]
    assert room.report["rehearsal"]
    assert room.report["issue"] == SLUG
    assert room.due_reports.due_by(TWO_DAYS_LATER) == []


def test_a_mail_that_ses_does_not_take_is_asked_for_again_and_the_report_stands_meanwhile() -> None:
    room = Newsroom()
    room.mailer.failure = SendThrottledError("quota")
    assert room.write() == "mail waits"
    assert room.report["books"]["sent"] == 2
    room.mailer.failure = None

    assert [room.write(), room.write()] == ["mailed", "written"]


def test_a_mail_that_ses_took_back_is_in_a_new_report_and_in_no_new_mail() -> None:
    room = Newsroom()
    room.write()
    batch = room.sends.batch(SLUG, "0000")
    assert batch is not None
    changed = batch.refused([an_id(0)], Outcome.RENDERING, now=CLOSED)
    assert changed is not None
    room.sends.replace(batch, changed)
    room.sends.change(SLUG, Send.to_be_counted_again)
    room.close(CLOSED + timedelta(hours=1))

    assert room.write(CLOSED + timedelta(hours=1)) == "written"
    assert room.report["books"]["failed"] == {"rendering": 1}
    assert ask_for_due_reports(due_reports=room.due_reports, report_queue=room.queues, now=TWO_DAYS_LATER) == [SLUG]
    assert room.write(TWO_DAYS_LATER) == "written"
    assert room.write(TWO_DAYS_LATER + timedelta(hours=1)) == "mailed"
    assert room.mailed == ["number: 1", "number: 2"]


def test_another_try_is_reported_anew_and_has_no_forecast() -> None:
    room = Newsroom()
    room.write()
    room.sends.change(SLUG, lambda send: send.held_for_another_try("why", whom=Again.FAILED, now=CLOSED))
    room.sends.resume(SLUG, now=CLOSED, paused_by=PausedBy.PERSON)
    room.close(CLOSED + timedelta(days=1))

    assert room.write(CLOSED + timedelta(days=1)) == "mailed"
    assert room.report["expected"] is None


def test_what_was_expected_stands_beside_what_it_was() -> None:
    room = Newsroom()
    room.write()

    assert room.report["expected"] == {"recipients": 3, "seconds": 0, "usd": pytest.approx(0.0005, abs=0.0001)}
    assert room.report["pace"]["seconds"] == 12 * 60


def test_a_report_is_written_when_ses_does_not_say_what_it_allows() -> None:
    class Silent(PlainAccount):
        def allowance(self) -> Any:
            raise AccountUnknownError("no answer")

    room = Newsroom()
    room.account = Silent()
    room.write()

    assert room.report["pace"]["allowed_per_second"] is None
    assert room.report["pace"]["share_of_day"] is None


def test_whoever_joined_and_left_since_is_counted_and_no_change_of_address_is() -> None:
    room = Newsroom()
    later = NOW + timedelta(hours=3)
    moved = Consent(asked_at=later, page="preferences")
    people: list[dict[str, Any]] = [
        {"confirmed_at": later},
        {"status": Status.UNSUBSCRIBED, "left_at": later, "left_because": "too_many"},
        {"status": Status.UNSUBSCRIBED, "left_at": later},
        {"status": Status.UNCONFIRMED, "left_at": later, "confirmed_at": None},  # left, and signed up again
        {"status": Status.UNSUBSCRIBED, "left_at": NOW - timedelta(hours=1)},  # before
        {"confirmed_at": later, "left_at": later - timedelta(minutes=5)},  # the undo button
        {"status": Status.UNSUBSCRIBED, "left_at": later, "confirmed_at": None},  # never confirmed
        {"status": Status.UNSUBSCRIBED, "left_at": later, "moved_to": an_id(9), "email": ""},
        {"confirmed_at": later, "consent": moved},
        {"suppressed": True},
    ]
    for number, changes in enumerate(people):
        room.subscribers.save(subscriber(number, **changes))
    for number, reason, slug in [
        (1, SuppressionReason.HARD_BOUNCE, SLUG),
        (2, SuppressionReason.HARD_BOUNCE, "another-issue"),
        (3, SuppressionReason.ERASED, ""),
    ]:
        room.suppressions.add(Suppression(an_id(number), reason, later, slug))
    room.write(TWO_DAYS_LATER)

    said = room.report["list"]
    assert (said["joined"], said["left"]) == (1, 3)
    assert said["left_because"] == {"not_said": 2, "too_many": 1}
    assert said["suppressed"] == {"hard_bounce": 1, "erased": 1}
    assert said["on_list"] == 3
    assert sum(room.report["afterwards"]["left"]) == 3


def test_the_receipt_adds_up_what_every_function_wrote_down() -> None:
    room = Newsroom([Outcome.SENT] * 1000)
    for _ in range(2):
        room.usage.add(SLUG, "send", Usage({"dynamodb PutItem": 3}, {WRITES: 1_000_000, COMPUTE: 5}))
    room.usage.add(SLUG, "feedback", Usage({"dynamodb PutItem": 1}, {WRITES: 500_000}, guessed=1))
    room.write()
    receipt = room.report["receipt"]
    lines = {line["what"]: line for line in receipt["lines"]}

    assert lines["SES"]["usd"] == pytest.approx(0.16)
    assert lines[WRITES]["usd"] == pytest.approx(2.5 * 0.625)
    assert receipt["calls"] == {"DynamoDB": {"PutItem": 7}}
    assert receipt["guessed_calls"] == 1
    assert sum(line["usd"] for line in receipt["lines"]) == pytest.approx(receipt["total_usd"])
    assert sum(receipt["functions"].values()) + lines["SES"]["usd"] == pytest.approx(receipt["total_usd"])
    assert sum(line["expected_usd"] for line in receipt["lines"]) == pytest.approx(receipt["expected_usd"])


def test_the_mail_names_the_page_of_the_lists_growth_once_there_is_one() -> None:
    before, after = Newsroom(), Newsroom()
    after.content.put_report(GROWTH, "{}")
    before.write()
    after.write()

    assert "growth_url: \n" in before.mailer.outbox[0].mail.text + "\n"
    assert "growth_url: https://" in after.mailer.outbox[0].mail.text


# --- the list's growth ------------------------------------------------------------------------------------------------


def grown(content: MemoryContent, people: MemorySubscribers, now: datetime) -> Mapping[str, Any]:
    census = MemoryCensus(people, MemorySuppressions())
    log = MemoryRetentionLog()
    return write_growth(list_census=census, content=content, retention_log=log, zone=ZoneInfo("UTC"), now=now)


MIDNIGHT = datetime(2026, 12, 2, 0, 10, tzinfo=UTC)


def test_a_day_is_written_down_when_it_is_over_and_keeps_its_figures() -> None:
    content = MemoryContent()
    people = MemorySubscribers(subscriber(1, confirmed_at=NOW), subscriber(2))
    first = grown(content, people, MIDNIGHT)
    ben = people.by_id[an_id(2)]
    people.save(replace(ben, status=Status.UNSUBSCRIBED, left_at=NOW))  # as if it was noticed late

    again = grown(content, people, MIDNIGHT + timedelta(hours=2))

    (day,) = first["days"]
    assert (day["day"], day["on_list"], day["joined"], day["left"]) == ("2026-12-01", 2, 1, {})
    assert again["days"] == first["days"]
    assert again["now"]["on_list"] == 1


def test_days_on_which_the_clock_did_not_strike_are_made_good_but_nobody_knows_how_many_there_were() -> None:
    content = MemoryContent()
    people = MemorySubscribers(subscriber(1))
    grown(content, people, MIDNIGHT)
    people.save(subscriber(2, confirmed_at=NOW + timedelta(days=1)))

    days = grown(content, people, MIDNIGHT + timedelta(days=3))["days"]

    assert [day["day"] for day in days] == ["2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"]
    assert [day["on_list"] for day in days] == [1, None, None, 2]
    assert [day["joined"] for day in days] == [0, 1, 0, 0]


def test_opens_and_clicks_that_nobody_measures_are_in_no_report() -> None:
    room = Newsroom()
    room.write()

    assert room.report["engagement"] is None


def test_the_second_report_forgets_who_opened_and_keeps_how_many() -> None:
    room = Newsroom()
    room.engagement = MemoryEngagement()
    touch = Touch(an_id(0), 600, FeedbackKind.OPENED, Agent.READER)
    room.engagement.record(room.name, {"0000": [touch]}, {}, now=NOW)

    room.write()
    assert room.engagement.touches
    first = room.report["engagement"]
    room.write(TWO_DAYS_LATER)

    assert room.report["engagement"] == first
    assert first["opens"] == {"raw": 1, "machine": 0, "likely_human": 1, "people": 1, "machine_by": {}}
    assert not room.engagement.touches


def test_the_night_writes_down_how_many_readers_have_each_tag() -> None:
    people = MemorySubscribers(
        subscriber(1, tags=frozenset({"press", "gönner"})),
        subscriber(2, tags=frozenset({"press"})),
        subscriber(3, tags=frozenset({"press"}), suppressed=True),
    )
    content = MemoryContent()
    assert tag_counts(content) == {}

    census = MemoryCensus(people, MemorySuppressions())
    write_growth(list_census=census, content=content, retention_log=MemoryRetentionLog(), zone=ZoneInfo("UTC"), now=NOW)

    assert tag_counts(content) == {"gönner": 1, "press": 2}


def test_the_report_says_how_many_found_the_issue_useful_and_that_of_a_rehearsal_does_not() -> None:
    newsroom, rehearsal = Newsroom(), Newsroom(rehearsal_of=SLUG)
    for each in (newsroom, rehearsal):
        each.write()
        assert each.report["responses"] is None
        each.responses.vote(VoteLink(SLUG, "aa" * 8, NOW), Vote.YES)
        each.responses.vote(VoteLink(SLUG, "bb" * 8, NOW), Vote.NO)

    newsroom.write(TWO_DAYS_LATER)
    rehearsal.write(AN_HOUR_LATER)

    assert newsroom.report["responses"] == {"useful": 1, "not_useful": 1, "replies": 0}
    assert rehearsal.report["responses"] is None
