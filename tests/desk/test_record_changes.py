"""Which events are told from what a record was before and is now; the records are those that the stores write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.desk.adapters.webhooks.record_changes import RecordChanges
from newsletter.desk.webhooks.event import EventType, WebhookEvent
from newsletter.errors import MalformedMessageError
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.retention import tombstone
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.moving import moved, moved_in
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, subscriber

CHANGES = RecordChanges(
    subscribers_table="SubscribersTable",
    suppressions_table="SuppressionsTable",
    issues_table="IssuesTable",
    sends_table="SendsTable",
    public_url="https://briefing.example.org",
)
TABLES = {
    "SubscribersTable": ("subscriber_id",), "SuppressionsTable": ("subscriber_id",), "IssuesTable": ("slug",),
    "SendsTable": ("slug", "item"),
}  # fmt: skip


class Streams:
    """What DynamoDB would say of the writes between two looks; moto has no streams that follow transactions."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._before = self._all()

    def _all(self) -> dict[tuple[str, ...], Any]:
        found = {}
        for table, key in TABLES.items():
            for item in self._client.scan(TableName=table)["Items"]:
                found[(table, *(item[name]["S"] for name in key))] = item
        return found

    def events(self) -> list[WebhookEvent]:
        """Return the events since the last look."""
        before, self._before = self._before, self._all()
        changed = [key for key in {**before, **self._before} if before.get(key) != self._before.get(key)]
        return [
            event
            for key in changed
            for event in CHANGES.events(stream_record(key[0], before.get(key), self._before.get(key)))
        ]

    def told(self) -> list[tuple[EventType, dict[str, Any]]]:
        return [(each.event_type, dict(each.details)) for each in self.events()]


def stream_record(table: str, old: Any, new: Any) -> dict[str, Any]:
    """Return a record as Lambda hands it over.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-example.html
    """
    images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image}
    return {
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "INSERT" if not old else "MODIFY" if new else "REMOVE",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-2",
        "eventSourceARN": f"arn:aws:dynamodb:eu-west-2:123456789012:table/{table}/stream/2026-12-01T00:00:00.000",
        "dynamodb": {"ApproximateCreationDateTime": NOW.timestamp(), "StreamViewType": "NEW_AND_OLD_IMAGES", **images},
    }


@pytest.fixture
def client(dynamodb: Any) -> Any:
    return dynamodb


@pytest.fixture
def subscribers(client: Any) -> DynamoSubscribers:
    return DynamoSubscribers(client, "SubscribersTable")


@pytest.fixture
def suppressions(client: Any, subscribers: DynamoSubscribers) -> DynamoSuppressions:
    return DynamoSuppressions(client, "SuppressionsTable", subscribers, "ReceiptsTable")


def saved(subscribers: DynamoSubscribers, one: Subscriber) -> Subscriber:
    assert subscribers.save(one)
    stored = subscribers.get(one.subscriber_id)
    assert stored is not None
    return stored


ID = an_id(1)
NEW = subscriber(status=Status.UNCONFIRMED, confirmed_at=None, source="/join", lang="fr")


def test_the_life_of_a_subscriber(client: Any, subscribers: DynamoSubscribers) -> None:
    streams = Streams(client)
    one = saved(subscribers, NEW)
    assert streams.told() == [(EventType.SUBSCRIBED, {"subscriber_id": ID, "source": "/join", "lang": "fr"})]

    one = saved(subscribers, replace(one, confirmation_sent_at=NOW))
    assert streams.told() == [], "what only we need to know"

    one = saved(subscribers, replace(one, status=Status.CONFIRMED, confirmed_at=NOW))
    assert streams.told() == [(EventType.CONFIRMED, {"subscriber_id": ID, "source": "/join", "lang": "fr"})]

    one = saved(subscribers, replace(one, name="Grace", tags=frozenset({"members"})))
    assert streams.told() == []

    one = saved(subscribers, replace(leave(one, now=NOW), left_because="too_many"))
    assert streams.told() == [(EventType.LEFT, {"subscriber_id": ID, "reason": "too_many"})]

    one = saved(subscribers, replace(one, status=Status.UNCONFIRMED))
    assert [kind for kind, _ in streams.told()] == [EventType.SUBSCRIBED], "they came back"

    saved(subscribers, tombstone(replace(one, status=Status.UNSUBSCRIBED)))
    assert streams.told() == [(EventType.ERASED, {"subscriber_id": ID})]


def test_somebody_who_is_imported_is_confirmed_and_somebody_who_left_elsewhere_is_nothing(
    client: Any, subscribers: DynamoSubscribers
) -> None:
    streams = Streams(client)
    saved(subscribers, subscriber(2, source="import"))
    saved(subscribers, subscriber(3, status=Status.UNSUBSCRIBED, left_at=NOW))

    assert streams.told() == [(EventType.CONFIRMED, {"subscriber_id": an_id(2), "source": "import"})]


def test_who_moves_has_moved_and_neither_left_nor_joined(client: Any, subscribers: DynamoSubscribers) -> None:
    move = Move(new_id=an_id(2), email="new@example.org", asked_at=NOW)
    old = saved(subscribers, subscriber(move=move))
    streams = Streams(client)

    new = moved_in(old, None, move=move, consent=Consent(asked_at=NOW, page="preferences"), now=NOW)
    assert subscribers.save_both(new, moved(old, an_id(2), now=NOW))

    assert streams.told() == [(EventType.MOVED, {"subscriber_id": an_id(2), "previous_id": ID})]


def test_who_is_erased_leaves_one_event_and_the_signpost_none(
    client: Any, subscribers: DynamoSubscribers, suppressions: DynamoSuppressions
) -> None:
    one = saved(subscribers, subscriber())
    signpost = saved(subscribers, moved(subscriber(2), ID, now=NOW))
    streams = Streams(client)

    suppressions.erase(Suppression(ID, SuppressionReason.ERASED, NOW), one)
    suppressions.erase(Suppression(an_id(2), SuppressionReason.ERASED, NOW), signpost)

    assert streams.told() == [(EventType.ERASED, {"subscriber_id": ID})]


def test_who_never_confirmed_is_erased_by_the_table_itself(client: Any, subscribers: DynamoSubscribers) -> None:
    saved(subscribers, NEW)
    streams = Streams(client)
    client.delete_item(TableName="SubscribersTable", Key={"subscriber_id": {"S": ID}})

    assert streams.told() == [(EventType.ERASED, {"subscriber_id": ID})]


@pytest.mark.parametrize(
    ("reason", "event_type", "data"),
    [
        (SuppressionReason.HARD_BOUNCE, EventType.BOUNCED, {"issue": SLUG, "reason": "hard_bounce"}),
        (SuppressionReason.SOFT_BOUNCES, EventType.BOUNCED, {"issue": SLUG, "reason": "soft_bounces"}),
        (SuppressionReason.COMPLAINT, EventType.COMPLAINED, {"issue": SLUG}),
        (SuppressionReason.MANUAL, None, {}),
    ],
)
def test_a_suppression_says_why(
    client: Any,
    subscribers: DynamoSubscribers,
    suppressions: DynamoSuppressions,
    reason: SuppressionReason,
    event_type: EventType | None,
    data: dict[str, str],
) -> None:
    one = saved(subscribers, subscriber())
    streams = Streams(client)
    suppressions.suppress(Suppression(ID, reason, NOW, SLUG), one)
    assert streams.told() == ([(event_type, {"subscriber_id": ID, **data})] if event_type else [])

    suppressions.note_listed(ID, NOW.date())
    assert streams.told() == [], "of the same suppression nothing more"


def test_an_issue_is_approved_each_time_its_content_is_and_sent_once(client: Any) -> None:
    issues, streams = DynamoIssues(client, "IssuesTable"), Streams(client)
    data = {"issue": SLUG, "title": "More for more", "date": "2026-12-01"}
    issues.put(record(cleared=""), before=None)
    assert streams.told() == []

    issues.approve(SLUG, "a" * 64, noted="approved by ann@example.org")
    assert streams.told() == [(EventType.APPROVED, data)]
    issues.set_preview_since(SLUG, NOW)
    assert streams.told() == []

    issues.begin_sending(SLUG, "a" * 64, needs_approval=True)
    assert streams.told() == []
    issues.set_status(SLUG, IssueStatus.SENT, sent_at=NOW)
    assert streams.told() == [(EventType.SENT, {**data, "url": f"https://briefing.example.org/issues/{SLUG}/"})]
    issues.set_listed(record(status=IssueStatus.SENT, approved="a" * 64), listed=True)
    assert [kind for kind, _ in streams.told()] == []


@pytest.mark.parametrize("rehearsal_of", ["", SLUG])
def test_a_report_is_ready_when_the_editors_have_it_and_of_a_rehearsal_nobody_hears(
    client: Any, rehearsal_of: str
) -> None:
    sends = DynamoSends(client, "SendsTable")
    closed = Send(
        slug=SLUG, content_hash="a" * 64, shards=1, opened_at=NOW, state=SendState.CLOSED, closed_at=NOW,
        rehearsal_of=rehearsal_of,
    )  # fmt: skip
    sends.open(closed)
    streams = Streams(client)

    sends.change(SLUG, lambda send: send.with_report_claimed(1, now=NOW))
    assert streams.told() == []
    sends.change(SLUG, lambda send: send.with_report_mailed(1))
    told = streams.told()
    sends.change(SLUG, lambda send: send.with_report_mailed(2))
    told += streams.told()

    url = f"https://briefing.example.org/desk/sends/{SLUG}/"
    expected = [(EventType.REPORT, {"issue": SLUG, "number": number, "url": url}) for number in (1, 2)]
    assert told == ([] if rehearsal_of else expected)


def test_a_stream_that_is_read_twice_says_the_same_event_twice(client: Any, subscribers: DynamoSubscribers) -> None:
    saved(subscribers, NEW)
    item = client.scan(TableName="SubscribersTable")["Items"][0]
    first, second = (CHANGES.events(stream_record("SubscribersTable", None, item)) for _ in range(2))

    assert first == second
    assert first[0].happened_at == NOW


@pytest.mark.parametrize(
    "spoil",
    [
        lambda each: each.pop("eventSourceARN"),
        lambda each: each.update(eventSourceARN="arn:aws:dynamodb:eu-west-2:1:table/OtherTable/stream/1"),
        lambda each: each.update(eventSourceARN=None),
        lambda each: each["dynamodb"].update(NewImage={"subscriber_id": "x"}),
        lambda each: each["dynamodb"].update(NewImage={"status": {"S": "confirmed"}}),
        lambda each: each["dynamodb"].pop("ApproximateCreationDateTime"),
    ],
)
def test_what_is_no_record_of_ours_is_refused(spoil: Callable[[dict[str, Any]], object]) -> None:
    spoiled = stream_record("SubscribersTable", None, {"subscriber_id": {"S": ID}, "email": {"S": "a@example.org"}})
    spoil(spoiled)

    with pytest.raises(MalformedMessageError):
        CHANGES.events(spoiled)


def test_a_fraction_of_a_second_is_kept_if_the_stream_has_one() -> None:
    image = {"subscriber_id": {"S": ID}, "email": {"S": "a@example.org"}, "status": {"S": "confirmed"}}
    made = stream_record("SubscribersTable", None, image)
    made["dynamodb"]["ApproximateCreationDateTime"] = NOW.timestamp() + 0.5

    assert CHANGES.events(made)[0].happened_at == NOW + timedelta(seconds=0.5)
