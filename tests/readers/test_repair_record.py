"""What can be saved of a reader's record in which somebody else has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from newsletter.errors import UnreadableRecordError
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.subscriber import Status
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ADA = an_id(1)


@pytest.fixture
def subscribers(dynamodb: DynamoDBClient) -> DynamoSubscribers:
    store = DynamoSubscribers(dynamodb, "SubscribersTable")
    assert store.save(subscriber(1, reminded_at=NOW))
    return store


def spoil(client: DynamoDBClient, name: str, value: Any) -> None:
    client.update_item(
        TableName="SubscribersTable", Key={"subscriber_id": {"S": ADA}}, UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name}, ExpressionAttributeValues={":value": value},
    )  # fmt: skip


def test_what_is_no_decision_about_mail_is_given_up(subscribers: DynamoSubscribers, dynamodb: DynamoDBClient) -> None:
    spoil(dynamodb, "reminded_at", {"S": "the other day"})
    spoil(dynamodb, "consent", {"S": "yes"})

    saved = subscribers.saved_of(ADA)
    assert saved is not None
    assert saved.lost == ("consent", "reminded_at")
    assert saved.subscriber is not None
    with pytest.raises(UnreadableRecordError):
        subscribers.get(ADA)

    subscribers.replace_unreadable(saved.subscriber)

    stored = subscribers.get(ADA)
    assert stored is not None
    assert (stored.email, stored.status, stored.reminded_at) == ("reader1@example.org", Status.CONFIRMED, None)
    assert subscribers.save(stored)
    assert subscribers.saved_of(ADA) is None


@pytest.mark.parametrize("name", ["status", "signed_up_at", "version", "left_at"])
def test_what_decides_about_mail_is_never_guessed(
    subscribers: DynamoSubscribers, dynamodb: DynamoDBClient, name: str
) -> None:
    spoil(dynamodb, name, {"S": "perhaps"})
    saved = subscribers.saved_of(ADA)
    assert saved is not None
    assert saved.subscriber is None


def test_a_record_that_can_be_read_and_one_that_is_not_there_need_nothing(subscribers: DynamoSubscribers) -> None:
    assert subscribers.saved_of(ADA) is None
    assert subscribers.saved_of(an_id(2)) is None
