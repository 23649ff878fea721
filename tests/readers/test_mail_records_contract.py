"""What a send reads of readers: as much as an email needs, the same from memory and from DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from newsletter.readers.adapters.dynamo_mail_records import DynamoMailRecords
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.moving import moved
from newsletter.sending.ports import MailRecords
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySubscribers

READERS = [
    subscriber(1, name="Ada Lovelace", lang="cy", consent=Consent(asked_at=NOW, page="/about").sealed("key")),
    subscriber(2, rests_until=date(2027, 1, 1), muted_topics=("bins", "rates")),
    subscriber(3, status=Status.UNSUBSCRIBED, left_at=NOW, suppressed=True, name=""),
    subscriber(4, came_from=(an_id(3), an_id(5))),
    moved(subscriber(5), an_id(4), now=NOW),
    subscriber(6, status=Status.UNCONFIRMED, confirmed_at=None),
]
IDS = [reader.subscriber_id for reader in READERS]


@pytest.fixture(params=["memory", "dynamodb"])
def records(request: pytest.FixtureRequest) -> MailRecords:
    """What stands there of these readers."""
    if request.param == "memory":
        return MemorySubscribers(*READERS)
    client = request.getfixturevalue("dynamodb")
    table = DynamoSubscribers(client, "SubscribersTable")
    assert all(table.save(reader) for reader in READERS)
    return DynamoMailRecords(client, "SubscribersTable")


def needed(reader: Subscriber) -> dict[str, Any]:
    names = ("subscriber_id", "email", "name", "lang", "status", "signed_up_at", "confirmed_at", "suppressed")
    return {name: getattr(reader, name) for name in (*names, "rests_until", "muted_topics", "moved_to", "came_from")}


def test_whatever_decides_about_an_email_is_read(records: MailRecords) -> None:
    found = records.get_many([*IDS, an_id(99)])

    assert {place: needed(reader) for place, reader in found.items()} == {
        reader.subscriber_id: needed(reader) for reader in READERS
    }
    assert records.get_many([]) == {}


SPOILT = {"status": "perhaps", "signed_up_at": "long ago", "confirmed_at": "the day before yesterday", "version": "x"}


@pytest.mark.parametrize("name", SPOILT)
def test_a_record_that_decides_in_words_of_somebody_else_is_not_believed(name: str, dynamodb: Any) -> None:
    table = DynamoSubscribers(dynamodb, "SubscribersTable")
    assert table.save(subscriber(1))
    assert table.save(subscriber(2))
    dynamodb.update_item(
        TableName="SubscribersTable",
        Key={"subscriber_id": {"S": an_id(2)}},
        UpdateExpression="SET #name = :what",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":what": {"S": SPOILT[name]}},
    )

    found = DynamoMailRecords(dynamodb, "SubscribersTable").get_many([an_id(1), an_id(2)])

    assert list(found) == [an_id(1)]
    assert found.unreadable == {an_id(2)}


def test_nothing_that_was_read_for_an_email_can_be_saved(dynamodb: Any) -> None:
    """It lacks the consent, and whatever else an email does not need."""
    table = DynamoSubscribers(dynamodb, "SubscribersTable")
    assert table.save(READERS[0])

    (read,) = DynamoMailRecords(dynamodb, "SubscribersTable").get_many(IDS[:1]).values()

    assert not table.save(replace(read, name="Somebody else"))
    assert table.get(IDS[0]) == replace(READERS[0], version=1)
