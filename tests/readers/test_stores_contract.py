"""What the stores of the list promise, checked on the ones in memory and on DynamoDB alike."""

from __future__ import annotations

import datetime
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.errors import UnreadableRecordError
from newsletter.feedback.ports import SuppressionReview
from newsletter.readers.adapters.dynamo_newcomers import DynamoNewcomers
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.shard import shards
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.moving import moved
from newsletter.readers.ports import AllSuppressions, Newcomers, SuppressionStore
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, subscriber
from tests.readers.fakes import MemoryNewcomers, MemorySubscribers, MemorySuppressions

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
    return DynamoSuppressions(request.getfixturevalue("dynamodb"), "SuppressionsTable", subscribers, "ReceiptsTable")


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
    suppressions = DynamoSuppressions(client, "SuppressionsTable", table, "ReceiptsTable")
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

    parts = [each.subscriber_id for part in range(4) for each in subscribers.everyone(segment=part, segments=4)]
    waiting = [each.subscriber_id for each in subscribers.everyone(subscriber_status=Status.UNCONFIRMED)]

    assert sorted(parts) == sorted(an_id(number) for number in range(30))
    assert sorted(waiting) == sorted(an_id(number) for number in range(0, 30, 3))


@pytest.mark.parametrize("kind", ["memory", "dynamodb"])
def test_every_suppression_is_read_once_whatever_the_number_of_parts(kind: str, request: pytest.FixtureRequest) -> None:
    suppressions: AllSuppressions = MemorySuppressions()
    if kind == "dynamodb":
        client = request.getfixturevalue("dynamodb")
        suppressions = DynamoSuppressions(
            client, "SuppressionsTable", DynamoSubscribers(client, "SubscribersTable"), "ReceiptsTable"
        )
    wanted = [Suppression(an_id(each), SuppressionReason.MANUAL, NOW, note="By letter") for each in range(20)]
    for each in wanted:
        suppressions.add(each)

    found = [each for part in range(3) for each in suppressions.everyone(segment=part, segments=3)]

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
        fields={"organisation": "=IPL {{x}}", "region": "Wales"},
        tags=frozenset({"members", "gönner"}),
        consent=Consent(asked_at=NOW, page="/about", network="n" * 32).sealed("key"),
        last_notice_at=NOW,
        reminded_at=NOW,
        renewal_asked_at=NOW,
        move=Move(new_id=an_id(5), email="new@example.org", asked_at=NOW, mailed_at=NOW),
        came_from=(an_id(6),),
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


def test_one_record_that_cannot_be_read_keeps_none_of_the_others_back(
    subscribers: Subscribers, request: pytest.FixtureRequest
) -> None:
    for number in (1, 2, 3):
        subscribers.save(subscriber(number))
    spoil(subscribers, an_id(2), request)

    found = subscribers.get_many([an_id(number) for number in (1, 2, 3, 4)])

    assert sorted(found) == sorted([an_id(1), an_id(3)])
    assert found.unreadable == {an_id(2)}
    with pytest.raises(UnreadableRecordError, match=an_id(2)):
        subscribers.get(an_id(2))


def test_whoever_confirmed_lately_is_found_in_the_list_itself(
    subscribers: Subscribers, request: pytest.FixtureRequest
) -> None:
    since = NOW - timedelta(hours=1)
    for number, minutes in enumerate((-90, -60, -30, 0, 5), 1):
        subscribers.save(subscriber(number, confirmed_at=NOW + timedelta(minutes=minutes)))
    subscribers.save(subscriber(6, confirmed_at=NOW, status=Status.UNSUBSCRIBED))
    subscribers.save(moved(subscriber(9), an_id(10), now=NOW))
    subscribers.save(moved(subscriber(11), an_id(12), now=since - timedelta(seconds=1)))
    subscribers.save(subscriber(7, confirmed_at=NOW + timedelta(microseconds=5)))
    subscribers.save(subscriber(8, confirmed_at=NOW))
    spoil(subscribers, an_id(8), request)

    found = [
        each.subscriber_id for part in range(3) for each in subscribers.changed_since(since, segment=part, segments=3)
    ]

    assert sorted(found) == sorted(an_id(number) for number in (2, 3, 4, 5, 7, 9))


def spoil(subscribers: Subscribers, subscriber_id: str, request: pytest.FixtureRequest) -> None:
    """Write something into a record that is none of ours."""
    if isinstance(subscribers, MemorySubscribers):
        subscribers.unreadable.add(subscriber_id)
        return
    request.getfixturevalue("dynamodb").update_item(
        TableName="SubscribersTable",
        Key={"subscriber_id": {"S": subscriber_id}},
        UpdateExpression="SET confirmed_at = :what",
        ExpressionAttributeValues={":what": {"S": "the day before yesterday"}},
    )


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


def test_the_audience_is_counted(subscribers: Subscribers) -> None:
    for number in (1, 2, 17):
        saved(subscribers, subscriber(number))
    saved(subscribers, subscriber(3, status=Status.UNSUBSCRIBED))

    assert subscribers.size() == 3


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
