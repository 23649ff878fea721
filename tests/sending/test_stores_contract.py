"""What every store promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

import datetime
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.errors import UnreadableBatchError
from newsletter.feedback.domain.feedback import TAKEN_BACK, FeedbackKind, Happening, Reason
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.feedback.ports import SuppressionReview
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.ports import IssueStore
from newsletter.readers.adapters.dynamo_newcomers import DynamoNewcomers
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.shard import shards
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import AllSuppressions, Newcomers, SuppressionStore
from newsletter.sending.adapters.dynamo_sends import LETTERS, DynamoSends
from newsletter.sending.domain.batch import LARGEST_BATCH, ONE_CALL, Batch, BatchState, part_name
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.domain.usage import Usage
from newsletter.sending.ports import SendStore
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, subscriber
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemoryNewcomers, MemorySubscribers, MemorySuppressions
from tests.sending.fakes import MemorySends

Subscribers = MemorySubscribers | DynamoSubscribers


@pytest.fixture(params=["memory", "dynamodb"])
def subscribers(request: pytest.FixtureRequest) -> Subscribers:
    if request.param == "memory":
        return MemorySubscribers()
    return DynamoSubscribers(request.getfixturevalue("dynamodb"), "SubscribersTable")


@pytest.fixture
def suppressions(request: pytest.FixtureRequest, subscribers: Subscribers) -> SuppressionReview:
    """Beside subscribers of the same kind: some of its writes change both."""
    if isinstance(subscribers, MemorySubscribers):
        return MemorySuppressions(subscribers=subscribers)
    return DynamoSuppressions(request.getfixturevalue("dynamodb"), "SuppressionsTable", subscribers)


@pytest.fixture(params=["memory", "dynamodb"])
def issues(request: pytest.FixtureRequest) -> IssueStore:
    if request.param == "memory":
        return MemoryIssues()
    return DynamoIssues(request.getfixturevalue("dynamodb"), "IssuesTable")


@pytest.fixture(params=["memory", "dynamodb"])
def sends(request: pytest.FixtureRequest) -> SendStore:
    if request.param == "memory":
        return MemorySends()
    return DynamoSends(request.getfixturevalue("dynamodb"), "SendsTable")


def saved(subscribers: Subscribers, subscriber: Subscriber) -> Subscriber:
    assert subscribers.save(subscriber)
    stored = subscribers.get(subscriber.subscriber_id)
    assert stored is not None
    return stored


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> tuple[Subscribers, SuppressionStore, Newcomers]:
    if request.param == "memory":
        people = MemorySubscribers()
        kept_out = MemorySuppressions(subscribers=people)
        return people, kept_out, MemoryNewcomers(people, kept_out)
    client = request.getfixturevalue("dynamodb")
    table = DynamoSubscribers(client, "SubscribersTable")
    suppressions = DynamoSuppressions(client, "SuppressionsTable", table)
    return table, suppressions, DynamoNewcomers(client, table, "SuppressionsTable")


def test_newcomers_are_added_at_once_but_for_those_who_are_known_or_suppressed(
    stores: tuple[Subscribers, SuppressionStore, Newcomers],
) -> None:
    subscribers, suppressions, newcomers = stores
    known = saved(subscribers, subscriber(7, status=Status.UNSUBSCRIBED))
    suppressions.add(Suppression(an_id(9), SuppressionReason.ERASED, NOW))
    people = [subscriber(number) for number in range(50)]

    added = newcomers.add(people)

    assert added == {each.subscriber_id for each in people} - {an_id(7), an_id(9)}
    assert subscribers.get(an_id(1)) == subscriber(1, version=1)
    assert subscribers.get(an_id(7)) == known
    assert subscribers.get(an_id(9)) is None
    assert newcomers.add(people) == frozenset()
    assert newcomers.add([]) == frozenset()


def test_everyone_is_read_once_whatever_the_number_of_parts(subscribers: Subscribers) -> None:
    for number in range(30):
        subscribers.save(subscriber(number, status=Status.CONFIRMED if number % 3 else Status.UNCONFIRMED))

    parts = [each.subscriber_id for part in range(4) for each in subscribers.everyone(part=part, parts=4)]
    waiting = [each.subscriber_id for each in subscribers.everyone(status=Status.UNCONFIRMED)]

    assert sorted(parts) == sorted(an_id(number) for number in range(30))
    assert sorted(waiting) == sorted(an_id(number) for number in range(0, 30, 3))


@pytest.mark.parametrize("kind", ["memory", "dynamodb"])
def test_every_suppression_is_read_once_whatever_the_number_of_parts(kind: str, request: pytest.FixtureRequest) -> None:
    suppressions: AllSuppressions = MemorySuppressions()
    if kind == "dynamodb":
        client = request.getfixturevalue("dynamodb")
        suppressions = DynamoSuppressions(client, "SuppressionsTable", DynamoSubscribers(client, "SubscribersTable"))
    wanted = [Suppression(an_id(each), SuppressionReason.MANUAL, NOW, note="By letter") for each in range(20)]
    for each in wanted:
        suppressions.add(each)

    found = [each for part in range(3) for each in suppressions.everyone(part=part, parts=3)]

    assert sorted(found, key=lambda each: each.subscriber_id) == sorted(wanted, key=lambda each: each.subscriber_id)


def test_a_subscriber_comes_back_as_it_was_saved(subscribers: Subscribers) -> None:
    ada = subscriber(
        name="Ada Lovelace",
        source="/about",
        confirmation_sent_at=NOW,
        left_at=NOW,
        left_because="other",
        lang="cy",
        rests_until=datetime.date(2027, 1, 1),
        muted_topics=("bins", "rates"),
        consent=Consent(asked_at=NOW, page="/about", network="n" * 32).sealed("key"),
        last_notice_at=NOW,
        reminded_at=NOW,
        moves_from=an_id(2),
        moving_to=an_id(4),
        moved_to=an_id(3),
        suppressed=True,
    )

    assert saved(subscribers, ada) == replace(ada, version=1)
    assert subscribers.get(an_id(99)) is None


def test_of_two_writers_of_one_version_the_second_is_refused(subscribers: Subscribers) -> None:
    ada = saved(subscribers, subscriber(1))

    assert subscribers.save(replace(ada, name="first"))
    assert not subscribers.save(replace(ada, name="second"))
    assert not subscribers.save(subscriber(1))
    stored = subscribers.get(ada.subscriber_id)
    assert stored is not None
    assert stored.name == "first"


def test_only_the_version_that_was_read_is_erased_and_leaves_a_tombstone(
    subscribers: Subscribers, suppressions: SuppressionStore
) -> None:
    tombstone = Suppression(an_id(1), SuppressionReason.ERASED, NOW)
    ada = saved(subscribers, subscriber(1))
    newer = saved(subscribers, replace(ada, name="newer"))

    assert not suppressions.erase(tombstone, ada)
    assert suppressions.get(ada.subscriber_id) is None
    assert suppressions.erase(tombstone, newer)
    assert suppressions.get(ada.subscriber_id) == tombstone
    assert subscribers.get(ada.subscriber_id) is None


def test_several_are_read_at_once_and_the_missing_are_left_out(subscribers: Subscribers) -> None:
    for number in range(60):
        subscribers.save(subscriber(number))

    found = subscribers.get_many([an_id(number) for number in range(50, 70)])

    assert sorted(found) == sorted(an_id(number) for number in range(50, 60))
    assert subscribers.get_many([]) == {}


def test_the_audience_is_who_may_be_mailed_in_the_order_of_ids(subscribers: Subscribers) -> None:
    for number in range(40):
        subscribers.save(subscriber(number * 16))
    subscribers.save(subscriber(1, status=Status.UNCONFIRMED))
    subscribers.save(subscriber(2, status=Status.UNSUBSCRIBED))
    subscribers.save(subscriber(3, suppressed=True))

    everybody = [who for shard in shards(32) for who in subscribers.ids(shard, after=shard.first)]

    assert everybody == sorted(an_id(number * 16) for number in range(40))


def test_the_audience_continues_behind_an_id(subscribers: Subscribers) -> None:
    for number in range(5):
        subscribers.save(subscriber(number * 256))
    (first, *_) = shards(16)

    assert list(subscribers.ids(first, after=an_id(2 * 256))) == [an_id(3 * 256), an_id(4 * 256)]


def test_whoever_leaves_is_out_of_the_audience(subscribers: Subscribers) -> None:
    ada = saved(subscribers, subscriber(1))
    (first, *_) = shards(16)

    subscribers.save(replace(ada, status=Status.UNSUBSCRIBED))

    assert list(subscribers.ids(first, after=first.first)) == []


def test_a_suppression_comes_back_and_can_be_lifted(suppressions: SuppressionStore) -> None:
    suppression = Suppression(an_id(1), SuppressionReason.COMPLAINT, NOW, SLUG)
    suppressions.add(suppression)

    assert suppressions.get(an_id(1)) == suppression
    suppressions.lift(an_id(1))
    assert suppressions.get(an_id(1)) is None


def test_suppressions_are_gone_through_in_parts_and_each_comes_once(suppressions: SuppressionReview) -> None:
    for number in range(5):
        suppressions.add(Suppression(an_id(number), SuppressionReason.MANUAL, NOW))
    found: list[Suppression] = []
    while part := suppressions.after(found[-1].subscriber_id if found else "", limit=2):
        assert len(part) <= 2
        found += part

    assert sorted(each.subscriber_id for each in found) == sorted(an_id(number) for number in range(5))
    assert suppressions.get_many([an_id(1), an_id(9)]) == {an_id(1): suppressions.get(an_id(1))}


def test_the_note_that_ses_lists_an_address_brings_no_lifted_suppression_back(suppressions: SuppressionReview) -> None:
    day = NOW.date()
    for number in (1, 2):
        suppressions.add(Suppression(an_id(number), SuppressionReason.HARD_BOUNCE, NOW))
    suppressions.lift(an_id(2))
    for number in (1, 2):
        suppressions.note_listed(an_id(number), day)

    assert suppressions.get(an_id(2)) is None
    stored = suppressions.get(an_id(1))
    assert stored == Suppression(an_id(1), SuppressionReason.HARD_BOUNCE, NOW, listed_on=day)
    assert stored.listed_since(day)
    assert not stored.listed_since(day + timedelta(days=1))
    born_listed = replace(stored, subscriber_id=an_id(3))
    suppressions.add(born_listed)
    assert suppressions.get(an_id(3)) == born_listed


def test_the_first_reason_stays_but_an_erasure_gives_way(suppressions: SuppressionStore) -> None:
    for reason in (SuppressionReason.ERASED, SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED):
        suppressions.add(Suppression(an_id(1), reason, NOW))

    stored = suppressions.get(an_id(1))
    assert stored is not None
    assert stored.reason is SuppressionReason.HARD_BOUNCE


def test_an_issue_comes_back_as_it_was_put(issues: IssueStore) -> None:
    full = record(
        listed=True,
        announced="b" * 64,
        announced_version="v1",
        withdrawn=True,
        version="v2",
        preflight={"errors": 0, "warnings": 2},
        approved="b" * 64,
        held=True,
        decisions=("2026-12-01T09:00:00+00:00 hold",),
        sent_hash="c" * 64,
        corrected_at=NOW,
        sent_at=NOW,
        lang="cy",
    )

    assert issues.put(full, before=None)
    assert issues.get(SLUG) == full
    assert issues.get("another") is None


def test_a_record_is_written_only_over_the_one_that_was_read(issues: IssueStore) -> None:
    first = record()
    issues.put(first, before=None)

    assert not issues.put(record(title="as if new"), before=None)
    assert not issues.put(record(title="x"), before=record(content_hash="c" * 64))
    assert not issues.put(record(title="x"), before=record(status=IssueStatus.SENDING))
    assert issues.put(record(title="second", sequencer="6".rjust(64, "0")), before=first)
    assert not issues.put(record(title="third"), before=first)


def test_sending_begins_only_from_ready_and_with_exactly_this_content(issues: IssueStore) -> None:
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=False)
    issues.put(record(), before=None)

    assert not issues.begin_sending(SLUG, "b" * 64, needs_approval=False)
    assert issues.begin_sending(SLUG, "a" * 64, needs_approval=False)
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=False)
    stored = issues.get(SLUG)
    assert stored is not None
    assert (stored.status, stored.listed) == (IssueStatus.SENDING, True)


def test_a_send_remembers_which_content_it_is_locked_to(issues: IssueStore) -> None:
    issues.put(record(), before=None)
    issues.begin_sending(SLUG, "a" * 64, needs_approval=False)

    stored = issues.get(SLUG)

    assert stored is not None
    assert stored.sent_hash == "a" * 64


def test_only_the_approved_content_is_sent_where_approval_is_asked_for(issues: IssueStore) -> None:
    issues.put(record(), before=None)

    assert issues.approve(SLUG, "b" * 64, decision="approve b") is None
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=True)
    approved = issues.approve(SLUG, "a" * 64, decision="approve a")
    assert approved == record(approved="a" * 64, decisions=("approve a",))
    assert issues.begin_sending(SLUG, "a" * 64, needs_approval=True)


def test_a_held_issue_is_sent_only_after_its_release(issues: IssueStore) -> None:
    issues.put(record(approved="a" * 64), before=None)

    held = issues.hold(SLUG, held=True, decision="hold")
    assert held is not None
    assert held.held
    assert issues.hold(SLUG, held=True, decision="hold again") is None
    assert not issues.begin_sending(SLUG, "a" * 64, needs_approval=True)
    assert issues.hold(SLUG, held=False, decision="release") == record(approved="a" * 64, decisions=("hold", "release"))
    assert issues.hold(SLUG, held=False, decision="release again") is None
    assert issues.begin_sending(SLUG, "a" * 64, needs_approval=True)


def test_nobody_decides_about_an_issue_we_do_not_know_and_none_approves_one_that_was_withdrawn(
    issues: IssueStore,
) -> None:
    issues.put(record(withdrawn=True), before=None)

    assert issues.approve(SLUG, "a" * 64, decision="approve") is None
    assert issues.hold("unknown", held=True, decision="hold") is None
    assert issues.hold("unknown", held=False, decision="release") is None
    assert issues.get("unknown") is None


def test_a_decision_in_the_middle_of_an_upload_is_not_overwritten(issues: IssueStore) -> None:
    before = record()
    issues.put(before, before=None)
    issues.hold(SLUG, held=True, decision="hold")

    assert not issues.put(record(title="Newer"), before=before)
    decided = issues.get(SLUG)
    assert decided is not None
    assert issues.put(replace(decided, title="Newer"), before=decided)


def test_the_audience_is_counted(subscribers: Subscribers) -> None:
    for number in (1, 2, 17):
        saved(subscribers, subscriber(number))
    saved(subscribers, subscriber(3, status=Status.UNSUBSCRIBED))

    assert subscribers.size() == 3


def test_issues_are_found_by_status_oldest_first_and_in_the_archive_newest_first(issues: IssueStore) -> None:
    for day, slug in ((15, "b"), (1, "a"), (29, "c")):
        issues.put(record(slug=slug, date=datetime.date(2026, 12, day), listed=slug != "c"), before=None)
    issues.put(record(slug="draft", status=IssueStatus.DRAFT), before=None)

    assert [each.slug for each in issues.with_status(IssueStatus.READY)] == ["a", "b", "c"]
    assert [each.slug for each in issues.newest(10)] == ["b", "a"]


def test_the_archive_is_asked_in_bounded_questions(issues: IssueStore) -> None:
    days = [datetime.date(year, month, 1) for year in (2023, 2025, 2026) for month in (1, 2, 12)]
    for day in days:
        issues.put(record(slug=f"{day:%Y-%m}", date=day, listed=True), before=None)
    issues.put(record(slug="waits", date=datetime.date(2026, 2, 2)), before=None)
    issues.put(record(slug="taken-back", date=datetime.date(2026, 2, 2), withdrawn=True), before=None)
    here = datetime.date(2025, 2, 1), "2025-02"

    def slugs(found: list[IssueRecord]) -> list[str]:
        return [each.slug for each in found]

    assert slugs(issues.newest(2)) == ["2026-12", "2026-02"]
    assert slugs(issues.listed_in(2025)) == ["2025-12", "2025-02", "2025-01"]
    assert slugs(issues.listed_in(2024)) == []
    assert slugs(issues.older_than(*here, 1)) == ["2025-01"]
    assert slugs(issues.older_than(*here, 2)) == ["2025-01", "2023-12"]
    assert slugs(issues.newer_than(*here, 1)) == ["2025-12"]
    assert slugs(issues.newer_than(days[-1], "2026-12", 1)) == []
    assert issues.years() == [2026, 2025, 2023]
    assert slugs(issues.coming(datetime.date(2026, 2, 2), 5)) == ["waits"]
    assert slugs(issues.coming(datetime.date(2026, 2, 1), 5)) == []


def test_where_an_issue_is_shown_is_kept_and_lost_by_no_other_writer(issues: IssueStore) -> None:
    issues.put(record(listed=True), before=None)
    issues.set_shown(SLUG, datetime.date(2026, 12, 1))

    stored = issues.get(SLUG)
    assert stored is not None
    assert stored.shown == datetime.date(2026, 12, 1)
    assert not issues.put(record(title="from an older reading"), before=record(listed=True))
    assert issues.put(replace(stored, title="from this one"), before=stored)
    issues.set_shown(SLUG, None)
    assert issues.get(SLUG) == replace(stored, title="from this one", shown=None)


def test_single_facts_about_an_issue_are_set_without_touching_the_rest(issues: IssueStore) -> None:
    issues.put(record(), before=None)

    issues.set_announced(SLUG, "d" * 64, version="v2")
    issues.set_listed(SLUG)
    issues.put(record(slug="taken-back", withdrawn=True), before=None)
    issues.set_listed("taken-back")
    assert [each.slug for each in issues.newest(10)] == [SLUG]
    issues.set_status(SLUG, IssueStatus.SENT, sent_at=NOW)
    issues.set_status(SLUG, IssueStatus.SENT)

    told = {"announced": "d" * 64, "announced_version": "v2"}
    assert issues.get(SLUG) == record(**told, listed=True, status=IssueStatus.SENT, sent_at=NOW)


def a_send(**changes: Any) -> Send:
    return replace(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW), **changes)


def test_a_slot_is_given_away_once(sends: SendStore) -> None:
    day = NOW.date()
    assert sends.slot_holder(day) is None
    assert sends.take_slot(day, "first") == "first"
    assert sends.take_slot(day, "second") == "first"
    assert sends.slot_holder(day) == "first"
    assert sends.take_slot(day + timedelta(days=14), "second") == "second"


def test_a_send_is_opened_once(sends: SendStore) -> None:
    assert sends.get(SLUG) is None
    assert sends.open(a_send()) == a_send()
    assert sends.open(a_send(content_hash="b" * 64)) == a_send()


BOOKS = Books(3, sent=1, skipped={"left": 1}, failed={"rejected": 1})
ONE_HOUR = timedelta(hours=1)


def standing(sends: SendStore, slug: str = SLUG) -> Send:
    send = sends.get(slug)
    assert send is not None
    return send


def test_a_send_is_closed_once_and_never_from_a_pause(sends: SendStore) -> None:
    sends.open(a_send())
    assert sends.close(standing(sends), BOOKS, now=NOW)
    assert not sends.close(standing(sends), Books(0), now=NOW)
    assert not sends.pause(SLUG, "too late", by=PausedBy.PERSON, now=NOW)
    assert not sends.cancel(SLUG, because="too late", now=NOW)
    assert not sends.resume(SLUG, now=NOW)
    assert standing(sends) == a_send(state=SendState.CLOSED, revision=1, books=BOOKS, closed_at=NOW)

    sends.open(a_send(slug="other"))
    assert sends.pause("other", "a person said so", by=PausedBy.PERSON, now=NOW)
    assert not sends.close(standing(sends, "other"), BOOKS, now=NOW)


def test_a_send_that_changed_while_its_books_were_counted_is_not_closed(sends: SendStore) -> None:
    counted = sends.open(a_send())
    sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)
    sends.resume(SLUG, now=NOW)

    assert not sends.close(counted, BOOKS, now=NOW)
    assert sends.close(standing(sends), BOOKS, now=NOW)


def test_a_send_is_never_closed_with_books_that_do_not_balance(sends: SendStore) -> None:
    with pytest.raises(ValueError, match="do not balance"):
        sends.close(sends.open(a_send()), Books(3, sent=2, unknown=1), now=NOW)
    assert standing(sends) == a_send()


def test_a_pause_says_who_why_and_until_when_and_is_taken_back_wholly(sends: SendStore) -> None:
    sends.open(a_send())
    because = "The day's quota is used up."
    assert sends.pause(SLUG, because, by=PausedBy.QUOTA, resume_at=NOW + ONE_HOUR, now=NOW)
    held = standing(sends)
    assert (held.state, held.paused_because, held.paused_by) == (SendState.PAUSED, because, PausedBy.QUOTA)
    assert (held.paused_at, held.resume_at) == (NOW, NOW + ONE_HOUR)
    assert not sends.pause(SLUG, "again", by=PausedBy.QUOTA, now=NOW + ONE_HOUR)
    assert standing(sends) == held

    assert sends.resume(SLUG, now=NOW + ONE_HOUR)
    assert not sends.resume(SLUG, now=NOW + ONE_HOUR)
    assert standing(sends) == a_send(revision=2, resumed_at=NOW + ONE_HOUR)


def test_a_pause_gives_way_to_a_stronger_one_only(sends: SendStore) -> None:
    sends.open(a_send())
    for by in PausedBy:
        assert sends.pause(SLUG, f"by {by}", by=by, now=NOW)
    for by in PausedBy:
        assert not sends.pause(SLUG, "weaker, or the same again", by=by, now=NOW)
    assert standing(sends).paused_because == "by person"


def test_a_pause_for_the_quota_that_a_person_took_over_does_not_end_alone(sends: SendStore) -> None:
    sends.open(a_send())
    sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW, now=NOW)
    sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert not sends.resume(SLUG, paused_by=PausedBy.QUOTA, now=NOW)
    assert standing(sends).resume_at is None
    assert sends.resume(SLUG, paused_by=PausedBy.PERSON, now=NOW)


@pytest.mark.parametrize("held", [True, False])
def test_an_open_or_paused_send_is_cancelled_once_and_then_closed(sends: SendStore, held: bool) -> None:
    sends.open(a_send())
    if held:
        sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert sends.cancel(SLUG, because="wrong issue", now=NOW)
    assert not sends.cancel(SLUG, because="once more", now=NOW)
    assert not sends.resume(SLUG, now=NOW)
    assert not sends.pause(SLUG, "too late", by=PausedBy.PERSON, now=NOW)
    stopping = standing(sends)
    assert (stopping.state, stopping.cancelled_because, stopping.paused_because) == (
        SendState.CANCELLING,
        "wrong issue",
        "",
    )
    assert sends.close(stopping, BOOKS, now=NOW)
    assert standing(sends).cancelled


def test_a_send_that_does_not_exist_is_neither_paused_nor_resumed_nor_cancelled(sends: SendStore) -> None:
    assert not sends.pause(SLUG, "nothing there", by=PausedBy.PERSON, now=NOW)
    assert not sends.resume(SLUG, now=NOW)
    assert not sends.cancel(SLUG, because="nothing there", now=NOW)
    assert sends.get(SLUG) is None


def test_planned_shards_are_remembered(sends: SendStore) -> None:
    sends.finish_shard(SLUG, shards(16)[3])
    sends.finish_shard(SLUG, shards(16)[3])

    assert sends.finished_shards(SLUG) == {"30"}
    assert sends.finished_shards("other") == frozenset()


def some_batch(after: str = "00", numbers: range = range(1, 51)) -> Batch:
    return Batch.of(SLUG, after, tuple(sorted(an_id(number * 256) for number in numbers)), now=NOW)


def test_a_batch_is_written_once_and_comes_back_as_it_was(sends: SendStore) -> None:
    assert sends.add_batch(some_batch())
    assert not sends.add_batch(some_batch(numbers=range(1, 3)))
    assert sends.batch(SLUG, "00") == some_batch()
    assert sends.batch(SLUG, "10") is None


def test_every_outcome_survives_the_store(sends: SendStore) -> None:
    outcomes = dict(zip(some_batch().ids, Outcome, strict=False))
    claimed = some_batch().claimed("worker", now=NOW)
    sends.add_batch(some_batch())

    assert sends.replace(some_batch(), claimed)
    assert sends.replace(claimed, claimed.recorded(outcomes, now=NOW))
    assert sends.batch(SLUG, "00") == claimed.recorded(outcomes, now=NOW)
    assert set(LETTERS) == {None, *Outcome}


def test_only_one_of_two_workers_gets_the_claim(sends: SendStore) -> None:
    sends.add_batch(some_batch())

    assert sends.replace(some_batch(), some_batch().claimed("one", now=NOW))
    assert not sends.replace(some_batch(), some_batch().claimed("two", now=NOW))
    stored = sends.batch(SLUG, "00")
    assert stored is not None
    assert (stored.state, stored.claim) == (BatchState.CLAIMED, "one")


def test_batches_are_listed_by_shard_in_the_order_of_ids(sends: SendStore) -> None:
    first, second, *_ = shards(16)
    last = shards(16)[-1]
    for shard, low in ((last, 0xF0), (second, 0x10), (first, 0x00)):
        sends.add_batch(Batch.of(SLUG, shard.first, (an_id(low), an_id(low + 256)), now=NOW))
        sends.add_batch(Batch.of(SLUG, an_id(low + 256), (an_id(low + 512),), now=NOW))

    assert [batch.after for batch in sends.batches(SLUG, first)] == ["00", an_id(0x100)]
    assert [batch.after for batch in sends.batches(SLUG, last)] == ["f0", an_id(0x1F0)]
    everything = [who for batch in sends.batches(SLUG) for who in batch.ids]
    assert everything == sorted(everything)
    assert len(everything) == 9


def test_the_batch_of_a_subscriber_is_found_from_the_id_alone(sends: SendStore) -> None:
    ids = sorted(an_id(number * 256) for number in range(1, 121))
    after = "00"
    for start in range(0, len(ids), ONE_CALL):
        group = tuple(ids[start : start + ONE_CALL])
        sends.add_batch(Batch.of(SLUG, after, group, now=NOW))
        after = group[-1]

    for who in (ids[0], ids[49], ids[50], ids[-1]):
        found = sends.batch_of(SLUG, who)
        assert found is not None
        assert who in found.ids
    assert sends.batch_of(SLUG, an_id(0xFF)) is None
    assert sends.batch_of("other", ids[0]) is None


def test_an_erasure_keeps_the_reason_for_which_the_address_was_suppressed(
    subscribers: Subscribers, suppressions: SuppressionStore
) -> None:
    bounced = Suppression(an_id(1), SuppressionReason.HARD_BOUNCE, NOW)
    suppressions.add(bounced)

    assert suppressions.erase(Suppression(an_id(1), SuppressionReason.ERASED, NOW), saved(subscribers, subscriber(1)))
    assert suppressions.get(an_id(1)) == bounced


def test_an_address_is_suppressed_together_with_its_record(
    subscribers: Subscribers, suppressions: SuppressionStore
) -> None:
    bounce = Suppression(an_id(1), SuppressionReason.HARD_BOUNCE, NOW)
    ada = saved(subscribers, subscriber(1))
    newer = saved(subscribers, replace(ada, name="newer"))

    assert not suppressions.suppress(bounce, ada), "the record is newer"
    assert not suppressions.suppress(bounce, None), "there is a record"
    assert suppressions.get(an_id(1)) is None
    assert subscribers.get(an_id(1)) == newer

    assert suppressions.suppress(bounce, newer)
    assert suppressions.get(an_id(1)) == bounce
    assert subscribers.get(an_id(1)) == replace(newer, suppressed=True, version=newer.version + 1)
    assert list(subscribers.ids(shards(16)[0], after="00")) == []

    again = Suppression(an_id(1), SuppressionReason.COMPLAINT, NOW)
    assert suppressions.suppress(again, subscribers.get(an_id(1)))
    assert suppressions.get(an_id(1)) == bounce, "the first reason stays"


def test_a_suppressed_address_whose_record_does_not_say_so_is_mended(
    subscribers: Subscribers, suppressions: SuppressionStore
) -> None:
    bounce = Suppression(an_id(1), SuppressionReason.HARD_BOUNCE, NOW)
    suppressions.add(bounce)

    assert suppressions.suppress(bounce, saved(subscribers, subscriber(1)))
    assert suppressions.get(an_id(1)) == bounce
    stored = subscribers.get(an_id(1))
    assert stored is not None
    assert stored.suppressed


def test_an_address_without_a_record_is_suppressed_only_as_long_as_there_is_none(
    subscribers: Subscribers, suppressions: SuppressionStore
) -> None:
    bounce = Suppression(an_id(1), SuppressionReason.HARD_BOUNCE, NOW)

    assert suppressions.suppress(bounce, None)
    assert suppressions.get(an_id(1)) == bounce
    saved(subscribers, subscriber(2))
    assert not suppressions.suppress(Suppression(an_id(2), SuppressionReason.COMPLAINT, NOW), None)
    assert suppressions.get(an_id(2)) is None


def test_whoever_is_freed_has_no_suppression_and_a_record_that_speaks_of_none(
    subscribers: Subscribers, suppressions: SuppressionStore
) -> None:
    before = saved(subscribers, subscriber(1, suppressed=True))
    suppressions.add(Suppression(an_id(1), SuppressionReason.MANUAL, NOW))
    older = replace(before, suppressed=False)
    newer = saved(subscribers, replace(before, name="Another"))

    assert not suppressions.free(older)
    assert suppressions.get(an_id(1)) is not None
    assert subscribers.get(an_id(1)) == newer
    assert suppressions.free(replace(newer, suppressed=False))
    assert suppressions.get(an_id(1)) is None
    freed = subscribers.get(an_id(1))
    assert freed is not None
    assert freed.in_audience


def test_a_pretended_write_changes_nothing_whether_or_not_there_is_a_suppression(
    suppressions: SuppressionStore,
) -> None:
    stands = Suppression(an_id(1), SuppressionReason.COMPLAINT, NOW)
    suppressions.add(stands)

    suppressions.pretend(replace(stands, reason=SuppressionReason.MANUAL))
    suppressions.pretend(Suppression(an_id(2), SuppressionReason.MANUAL, NOW))

    assert suppressions.get(an_id(1)) == stands
    assert suppressions.get(an_id(2)) is None


def test_the_evidence_of_a_batch_is_that_of_all_its_parts_and_of_no_other_batch(sends: SendStore) -> None:
    neighbours = {"00": 1, an_id(0x300): 2, "r2_00": 3, "01": 4}
    for after, number in neighbours.items():
        for position in (0, ONE_CALL, LARGEST_BATCH - 1):
            sends.add_evidence(SLUG, part_name(after, position), [an_id(number * LARGEST_BATCH + position)])

    for after, number in neighbours.items():
        expected = {an_id(number * LARGEST_BATCH + position) for position in (0, ONE_CALL, LARGEST_BATCH - 1)}
        assert sends.evidence(SLUG, after) == expected


def test_evidence_is_a_set(sends: SendStore) -> None:
    assert sends.evidence(SLUG, "00") == frozenset()
    sends.add_evidence(SLUG, "00", [an_id(1), an_id(2)])
    sends.add_evidence(SLUG, "00", [an_id(2), an_id(3)])

    assert sends.evidence(SLUG, "00") == {an_id(1), an_id(2), an_id(3)}


def test_what_ses_reported_is_a_set_and_only_the_first_time_is_news(sends: SendStore) -> None:
    bounce = Happening(an_id(1), NOW, Reason.NO_MAILBOX, Provider.GOOGLE)
    later = Happening(an_id(2), NOW + timedelta(minutes=3), Reason.MAILBOX_FULL)
    earlier = Happening(an_id(2), NOW, Reason.MAILBOX_FULL)
    hard, delayed = FeedbackKind.HARD_BOUNCE, FeedbackKind.DELAYED

    first = sends.add_evidence(SLUG, "00", [an_id(1)], {hard: [bounce], delayed: [later]})
    again = sends.add_evidence(SLUG, "00", [an_id(1), an_id(2)], {hard: [bounce], delayed: [earlier]})
    nothing = sends.add_evidence(SLUG, "01", [])
    sends.add_evidence(SLUG, "02", [], {FeedbackKind.REJECTED: [Happening(an_id(3), NOW)]})
    sends.add_evidence("other", "00", [an_id(4)])

    assert first == {(FeedbackKind.SENT, an_id(1)), (hard, an_id(1)), (delayed, an_id(2))}
    assert again == {(FeedbackKind.SENT, an_id(2))}
    assert nothing == frozenset()
    assert sends.evidence(SLUG, "02") == frozenset()
    results = sends.results(SLUG)
    assert {kind: count for kind, count in results.totals.items() if count} == {
        FeedbackKind.SENT: 2, hard: 1, delayed: 1, FeedbackKind.REJECTED: 1,
    }  # fmt: skip
    assert results.reasons[hard, Reason.NO_MAILBOX] == 1
    assert results.providers[hard, Provider.GOOGLE] == 1
    assert results.minutes[delayed, NOW] == 1


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_is_read_as_it_was_written(sends: SendStore, reason: Reason) -> None:
    for provider in Provider:
        sends.add_evidence(SLUG, provider, [], {FeedbackKind.UNKNOWN: [Happening(an_id(1), NOW, reason, provider)]})

    results = sends.results(SLUG)
    assert dict(results.reasons) == {(FeedbackKind.UNKNOWN, reason): len(Provider)}
    assert dict(results.providers) == {(FeedbackKind.UNKNOWN, provider): 1 for provider in Provider}


def test_a_tally_counts_apart_what_left_before_and_after(sends: SendStore) -> None:
    sends.tally(SLUG, None, {FeedbackKind.SENT: 3})
    counted = sends.tally(SLUG, None, {FeedbackKind.SENT: 2, FeedbackKind.COMPLAINT: 1})
    fresh = sends.tally(SLUG, NOW, {FeedbackKind.SENT: 1})

    assert dict(counted) == {FeedbackKind.SENT: 5, FeedbackKind.COMPLAINT: 1}
    assert dict(fresh) == {FeedbackKind.SENT: 1}


@pytest.mark.parametrize(("readers", "units"), [(ONE_CALL, 1), (500, 9), (LARGEST_BATCH, 17)])
def test_a_batch_with_outcomes_takes_few_write_units(dynamodb: Any, readers: int, units: int) -> None:
    """Item size by DynamoDB's rules: names and values in UTF-8 bytes, binary as it is."""
    sends = DynamoSends(dynamodb, "SendsTable")
    longest = Batch.of("x" * 100, an_id(7), tuple(an_id(n) for n in range(readers)), now=NOW)
    sends.add_batch(longest)
    sends.replace(longest, longest.claimed("c" * 32, now=NOW))

    (item,) = dynamodb.scan(TableName="SendsTable")["Items"]
    size = sum(len(name) + len(next(iter(value.values()))) for name, value in item.items())
    assert size <= units * 1024 + 120  # a slug of a hundred letters is allowed to cost another unit
    assert size - 2 * len("x" * 100) < units * 1024


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("SET outcomes = :value", {"S": ".!."}),  # a letter that means nothing
        ("SET outcomes = :value", {"S": "."}),  # three readers, one outcome
        ("SET attempts = :value", {"S": "many"}),
        ("REMOVE ids", None),  # not to be taken for the end of a chain
    ],
)
def test_a_batch_that_somebody_else_wrote_into_is_unreadable_and_not_something_else(
    dynamodb: Any, change: str, value: dict[str, str] | None
) -> None:
    store = DynamoSends(dynamodb, "SendsTable")
    store.add_batch(Batch.of(SLUG, "00", (an_id(1), an_id(2), an_id(3)), now=NOW))
    values: dict[str, Any] = {"ExpressionAttributeValues": {":value": value}} if value else {}
    key = {"slug": {"S": SLUG}, "item": {"S": "batch#00"}}
    dynamodb.update_item(TableName="SendsTable", Key=key, UpdateExpression=change, **values)

    with pytest.raises(UnreadableBatchError, match="batch#00"):
        store.batch(SLUG, "00")
    with pytest.raises(UnreadableBatchError, match="batch#00"):
        list(store.batches(SLUG))


def test_a_send_goes_one_by_one_once_and_for_a_reason(sends: SendStore) -> None:
    sends.open(a_send())

    assert sends.change(SLUG, lambda send: send.handed_one_by_one("SES limits calls.")) is not None
    assert sends.change(SLUG, lambda send: send.handed_one_by_one("again")) is None
    assert standing(sends).one_by_one_because == "SES limits calls."


def test_unconfirmed_subscribers_expire_and_others_do_not(dynamodb: Any) -> None:
    store = DynamoSubscribers(dynamodb, "SubscribersTable", unconfirmed_days=30)
    store.save(subscriber(1, status=Status.UNCONFIRMED, signed_up_at=NOW))
    store.save(subscriber(2))
    store.save(subscriber(3, status=Status.UNCONFIRMED, signed_up_at=NOW, left_at=NOW - timedelta(days=1)))

    items = {item["subscriber_id"]["S"]: item for item in dynamodb.scan(TableName="SubscribersTable")["Items"]}
    assert items[an_id(1)]["expires_at"]["N"] == str(int((NOW + timedelta(days=30)).timestamp()))
    assert "expires_at" not in items[an_id(2)]
    assert "expires_at" not in items[an_id(3)]  # a stranger's sign-up must not make us forget a leaving


def test_whoever_did_not_confirm_is_on_the_list_of_reminders_until_reminded(subscribers: Subscribers) -> None:
    waiting = saved(subscribers, subscriber(1, status=Status.UNCONFIRMED, signed_up_at=NOW, confirmed_at=None))
    subscribers.save(subscriber(2))
    day = (NOW + timedelta(days=3)).date()

    assert list(subscribers.to_remind(day)) == [an_id(1)]
    assert list(subscribers.to_remind(NOW.date())) == []
    subscribers.save(replace(waiting, reminded_at=NOW))
    assert list(subscribers.to_remind(day)) == []


def test_the_end_of_a_chain_takes_the_name_of_the_next_batch(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    assert sends.add_batch(Batch.end(SLUG, some_batch().last, now=NOW))
    assert not sends.add_batch(Batch.of(SLUG, some_batch().last, (an_id(0x900),), now=NOW))

    chain = list(sends.batches(SLUG, shards(16)[0]))
    assert [batch.is_end for batch in chain] == [False, True]
    assert chain[1] == Batch.end(SLUG, some_batch().last, now=NOW)
    assert sends.batch_of(SLUG, some_batch().last) == some_batch()


def test_rounds_are_chains_of_their_own(sends: SendStore) -> None:
    first, second = Batch.of(SLUG, "00", (an_id(0x100),), now=NOW), Batch.of(SLUG, "r2_00", (an_id(0x200),), now=NOW)
    sends.add_batch(first)
    sends.add_batch(second)
    sends.finish_shard(SLUG, shards(16)[0], round_number=2)

    assert (second.round, second.begins, second.last) == (2, "00", an_id(0x200))
    assert list(sends.batches(SLUG)) == [first, second]
    assert list(sends.batches(SLUG, shards(16)[0])) == [first]
    assert list(sends.batches(SLUG, shards(16)[0], round_number=2)) == [second]
    assert list(sends.batches(SLUG, shards(16)[15], round_number=1)) == []
    assert sends.batch_of(SLUG, an_id(0x200)) is None
    assert sends.batch_of(SLUG, an_id(0x200), round_number=2) == second
    assert sends.finished_shards(SLUG) == frozenset()
    assert sends.finished_shards(SLUG, round_number=2) == {"00"}


def test_sums_of_a_shard_hold_until_something_final_is_opened_again(sends: SendStore) -> None:
    send = sends.open(a_send())
    sends.finish_shard(SLUG, shards(16)[3])
    sends.finish_shard(SLUG, shards(16)[4])
    sends.record_sums(send, shards(16)[3], BOOKS, round_number=1)

    assert sends.sums(send) == {(1, "30"): BOOKS}
    assert sends.finished_shards(SLUG) == {"30", "40"}
    again = sends.change(SLUG, Send.to_be_counted_again)
    assert again is not None
    assert sends.sums(again) == {}


def test_doubts_survive_the_store_and_are_forgotten_with_a_retry(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    claimed = some_batch().claimed("worker", now=NOW)
    sends.replace(some_batch(), claimed)
    resolved = claimed.resolved((), now=NOW + ONE_HOUR, grace=timedelta(0))
    assert resolved is not None
    assert set(resolved.doubts) == {1}
    assert sends.replace(claimed, resolved)
    assert sends.batch(SLUG, "00") == resolved
    failed = resolved.recorded(dict.fromkeys(resolved.ids, Outcome.GAVE_UP), now=NOW)
    sends.replace(resolved, failed)
    retried = failed.retried([Outcome.GAVE_UP], (), now=NOW)
    assert retried is not None
    assert sends.replace(failed, retried)
    assert sends.batch(SLUG, "00") == retried
    assert retried.doubts == ()


@pytest.mark.parametrize("kind", TAKEN_BACK)
def test_what_ses_took_back_is_no_evidence_of_a_mail(sends: SendStore, kind: FeedbackKind) -> None:
    sends.add_evidence(SLUG, "00", [an_id(1), an_id(2)])
    sends.add_evidence(SLUG, "00", [], {kind: [Happening(an_id(2), NOW)]})

    assert sends.evidence(SLUG, "00") == {an_id(1)}


def test_failures_survive_the_store_and_are_forgotten_with_a_retry(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    claimed = some_batch().claimed("worker", now=NOW)
    sends.replace(some_batch(), claimed)
    first, *others = claimed.ids
    failed = claimed.recorded({first: Outcome.GAVE_UP}, now=NOW, failed=[first])
    assert sends.replace(claimed, failed)
    assert sends.batch(SLUG, "00") == failed
    assert [failed.failures_of(who) for who in claimed.ids] == [1, *(0 for _ in others)]
    retried = failed.retried([Outcome.GAVE_UP], (), now=NOW)
    assert retried is not None
    assert sends.replace(failed, retried)
    assert sends.batch(SLUG, "00") == retried
    assert retried.failures == ()


def test_every_field_of_a_header_survives_the_store(sends: SendStore) -> None:
    full = a_send(
        rehearsal_of="other", round=3, reopened=2, expected_end=NOW + ONE_HOUR, told=PausedBy.QUOTA, reported=True,
        state=SendState.PAUSED, revision=7, paused_because="why", paused_by=PausedBy.SES, paused_at=NOW,
        resume_at=NOW, resumed_at=NOW, cancelled_because="no", cancelled_at=NOW, closed_at=NOW, books=BOOKS,
        forecast=forecast(1432, Allowance(per_second=14, per_day=50_000, left_today=200)),
    )  # fmt: skip
    assert sends.open(full) == full


def test_what_was_used_for_a_send_is_added_up_for_each_function(sends: SendStore) -> None:
    sends.add_usage(SLUG, "send", Usage({"dynamodb PutItem": 2}, {"DynamoDB writes": 2.5, "Lambda": 0.000123}))
    sends.add_usage(SLUG, "send", Usage({"dynamodb PutItem": 1, "sesv2 SendBulkEmail": 1}, {"Lambda": 1}, guessed=1))
    sends.add_usage(SLUG, "feedback", Usage({}, {"SNS": 3}))
    sends.add_usage(SLUG, "settle", Usage())

    used = {name: usage for name, usage in sends.usage(SLUG).items() if usage != Usage()}
    assert set(used) == {"send", "feedback"}
    assert used["send"].calls == {"dynamodb PutItem": 3, "sesv2 SendBulkEmail": 1}
    assert used["send"].units == pytest.approx({"DynamoDB writes": 2.5, "Lambda": 1.000123})
    assert used["send"].guessed == 1
    assert used["feedback"] == Usage({}, {"SNS": 3})
    assert not list(sends.batches(SLUG))


def test_a_report_is_due_from_its_moment_on_until_it_is_forgotten(sends: SendStore) -> None:
    due = NOW + timedelta(hours=48)
    for _ in range(2):
        sends.owe_report(SLUG, due=due)
    sends.owe_report("another-issue", due=due - timedelta(hours=1))

    assert sends.reports_due(due - timedelta(seconds=1)) == [("another-issue", due - timedelta(hours=1))]
    assert sends.reports_due(due) == [("another-issue", due - timedelta(hours=1)), (SLUG, due)]
    sends.forget_report(SLUG, due=due)
    sends.forget_report(SLUG, due=due)
    assert sends.reports_due(due) == [("another-issue", due - timedelta(hours=1))]


def test_how_many_reports_the_editors_have_stands_on_the_header(sends: SendStore) -> None:
    sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    changed = [sends.change(SLUG, lambda send: send.with_report_mailed(1)) for _ in range(2)]

    assert [each is not None for each in changed] == [True, False]
    header = sends.get(SLUG)
    assert header is not None
    assert header.reports_mailed == 1
