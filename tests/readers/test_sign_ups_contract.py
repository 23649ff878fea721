"""What a sign-up asks of the tables and leaves there, checked in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from newsletter.aws.dynamo_counters import DynamoCounters
from newsletter.core.ports import Counters
from newsletter.errors import StoreBusyError, UnreadableRecordError
from newsletter.readers.adapters.dynamo_sign_ups import DynamoSignUps
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.limits import CountedLimit, Counter, Limit, Subject
from newsletter.readers.domain.sign_up import SignUpWrite
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import SubscriberStore, SuppressionStore
from newsletter.readers.sign_up_ports import SignUpStore
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySignUps, MemorySubscribers, MemorySuppressions

HOUR = timedelta(hours=1)
OF_ADDRESS = CountedLimit(Limit("address", Subject.ADDRESS, 2, HOUR), Counter("address#a", NOW + HOUR))
ADA = subscriber(1, status=Status.UNCONFIRMED)
COMPLAINT = Suppression(an_id(1), SuppressionReason.COMPLAINT, NOW)


@dataclass
class Tables:
    sign_ups: SignUpStore
    subscribers: SubscriberStore
    suppressions: SuppressionStore
    counters: Counters


def on_dynamodb(client: Any) -> DynamoSignUps:
    return DynamoSignUps(client, DynamoSubscribers(client, "SubscribersTable"), "SuppressionsTable", "LimitsTable")


@pytest.fixture(params=["memory", "dynamodb"])
def tables(request: pytest.FixtureRequest) -> Iterator[Tables]:
    if request.param == "memory":
        people, counters = MemorySubscribers(), MemoryCounters()
        kept_out = MemorySuppressions(subscribers=people)
        yield Tables(MemorySignUps(people, kept_out, counters), people, kept_out, counters)
        return
    client = request.getfixturevalue("dynamodb")
    table = DynamoSubscribers(client, "SubscribersTable")
    suppressions = DynamoSuppressions(client, "SuppressionsTable", table, "ReceiptsTable")
    yield Tables(on_dynamodb(client), table, suppressions, DynamoCounters(client, "LimitsTable"))


def test_of_a_stranger_nothing_is_known(tables: Tables) -> None:
    known = tables.sign_ups.look(an_id(1), {"mails#x", "nothing-taken#x"})

    assert (known.subscriber, known.suppression, known.is_suppressed) == (None, None, False)
    assert known.counts == {"mails#x": 0, "nothing-taken#x": 0}


def test_record_suppression_and_counters_are_read_together(tables: Tables) -> None:
    tables.subscribers.save(ADA)
    tables.suppressions.add(COMPLAINT)
    for _ in range(3):
        tables.counters.bump("mails#x", expires_at=NOW + HOUR)

    known = tables.sign_ups.look(an_id(1), {"mails#x"})

    assert known.subscriber == replace(ADA, version=1)
    assert (known.suppression, known.is_suppressed) == (COMPLAINT, True)
    assert known.counts == {"mails#x": 3}
    assert tables.sign_ups.look(an_id(2), ()).subscriber is None


def test_an_erased_address_may_come_back(tables: Tables) -> None:
    tables.suppressions.add(replace(COMPLAINT, reason=SuppressionReason.ERASED))

    assert not tables.sign_ups.look(an_id(1), ()).is_suppressed


def test_the_record_is_written_and_the_sign_up_counted(tables: Tables) -> None:
    assert tables.sign_ups.record(ADA, OF_ADDRESS) is SignUpWrite.WRITTEN

    assert tables.subscribers.get(an_id(1)) == replace(ADA, version=1)
    assert tables.counters.count("address#a") == 1


def test_over_a_newer_record_nothing_is_written_and_nothing_counted(tables: Tables) -> None:
    tables.subscribers.save(replace(ADA, name="newer"))

    assert tables.sign_ups.record(ADA, OF_ADDRESS) is SignUpWrite.LOST

    assert tables.subscribers.get(an_id(1)) == replace(ADA, name="newer", version=1)
    assert tables.counters.count("address#a") == 0


def test_an_address_that_had_its_share_is_left_alone(tables: Tables) -> None:
    for version in range(2):
        assert tables.sign_ups.record(replace(ADA, version=version), OF_ADDRESS) is SignUpWrite.WRITTEN

    assert tables.sign_ups.record(replace(ADA, version=2, name="third"), OF_ADDRESS) is SignUpWrite.TOO_MANY
    assert tables.subscribers.get(an_id(1)) == replace(ADA, version=2)
    assert tables.counters.count("address#a") == 2


def test_a_suppressed_address_is_counted_the_same_and_nothing_else_changes(tables: Tables) -> None:
    tables.suppressions.add(COMPLAINT)

    answers = [tables.sign_ups.pass_over(subscriber(1), OF_ADDRESS) for _ in range(3)]

    assert answers == [SignUpWrite.WRITTEN, SignUpWrite.WRITTEN, SignUpWrite.TOO_MANY]
    assert tables.suppressions.get(an_id(1)) == COMPLAINT
    assert tables.subscribers.get(an_id(1)) is None


def test_a_suppression_that_was_lifted_meanwhile_is_no_reason_to_pass_over(tables: Tables) -> None:
    assert tables.sign_ups.pass_over(subscriber(1), OF_ADDRESS) is SignUpWrite.LOST
    assert tables.counters.count("address#a") == 0


def test_a_record_that_cannot_be_read_is_said(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="SubscribersTable", Item={"subscriber_id": {"S": an_id(1)}, "status": {"S": "odd"}})

    with pytest.raises(UnreadableRecordError):
        on_dynamodb(dynamodb).look(an_id(1), ())


@pytest.mark.parametrize(
    ("codes", "becomes"),
    [
        (("TransactionConflict", "None"), SignUpWrite.LOST),
        (("None", "TransactionConflict"), SignUpWrite.LOST),
        (("ConditionalCheckFailed", "TransactionConflict"), SignUpWrite.LOST),
        (("ConditionalCheckFailed", "ConditionalCheckFailed"), SignUpWrite.TOO_MANY),
    ],
)
def test_whoever_writes_at_the_same_moment_is_tried_again(
    dynamodb: Any, codes: tuple[str, str], becomes: SignUpWrite
) -> None:
    with cancelled(dynamodb, codes):
        assert on_dynamodb(dynamodb).record(ADA, OF_ADDRESS) is becomes


def test_a_busy_table_is_no_verdict(dynamodb: Any) -> None:
    with cancelled(dynamodb, ("None", "ThrottlingError")), pytest.raises(StoreBusyError):
        on_dynamodb(dynamodb).record(ADA, OF_ADDRESS)


def test_what_nobody_expected_is_not_taken_for_a_race(dynamodb: Any) -> None:
    with (
        cancelled(dynamodb, ("ValidationError", "None")),
        pytest.raises(dynamodb.exceptions.TransactionCanceledException),
    ):
        on_dynamodb(dynamodb).record(ADA, OF_ADDRESS)


def cancelled(client: Any, codes: tuple[str, str]) -> Stubber:
    """Let the next transaction be cancelled, with a reason for each of its items."""
    stubber = Stubber(client)
    reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
    stubber.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=reasons)
    return stubber
