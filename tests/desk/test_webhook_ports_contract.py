"""What the stores of endpoints and deliveries promise, in memory and on DynamoDB alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.desk.adapters.webhooks.dynamo_deliveries import DynamoDeliveries
from newsletter.desk.adapters.webhooks.dynamo_endpoints import DynamoEndpoints
from newsletter.desk.webhook_ports import DeliveryStore, EndpointStore
from newsletter.desk.webhooks.delivery import DeliveryAttempt, DeliveryState, delivery_of
from newsletter.desk.webhooks.endpoint import MOST, OffBecause
from newsletter.desk.webhooks.event import EventType
from tests.core.fakes import NOW
from tests.desk.webhook_fakes import ENDPOINT, EVENT, MemoryDeliveries, MemoryEndpoints

DELIVERY = delivery_of(EVENT, ENDPOINT.endpoint_id, now=NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def endpoints(request: pytest.FixtureRequest) -> EndpointStore:
    if request.param == "memory":
        return MemoryEndpoints()
    return DynamoEndpoints(request.getfixturevalue("dynamodb"), "WebhooksTable")


@pytest.fixture(params=["memory", "dynamodb"])
def deliveries(request: pytest.FixtureRequest) -> DeliveryStore:
    if request.param == "memory":
        return MemoryDeliveries()
    return DynamoDeliveries(request.getfixturevalue("dynamodb"), "WebhooksTable")


def test_an_endpoint_is_kept_with_all_that_is_known_of_it(endpoints: EndpointStore) -> None:
    full = replace(
        ENDPOINT,
        with_addresses=True,
        previous_secret="whsec_b2xk",
        rotated_at=NOW,
        off_because=OffBecause.GONE,
        failures=3,
        rests_until=NOW + timedelta(seconds=5),
    )
    assert endpoints.add(full)
    assert not endpoints.add(full), "its id is taken"

    assert endpoints.find(full.endpoint_id) == replace(full, version=1)
    assert endpoints.all() == [replace(full, version=1)]
    assert endpoints.find("f" * 16) is None


def test_of_two_changes_of_one_version_the_first_counts(endpoints: EndpointStore) -> None:
    endpoints.add(ENDPOINT)
    before = endpoints.all()[0]

    assert endpoints.change(before, before.after_failure(NOW))
    assert not endpoints.change(before, before.switched(OffBecause.OWNER))

    assert endpoints.all() == [replace(before.after_failure(NOW), version=2)]


def test_what_was_removed_is_not_changed_and_stays_removed(endpoints: EndpointStore) -> None:
    endpoints.add(ENDPOINT)
    before = endpoints.all()[0]

    assert endpoints.remove(ENDPOINT.endpoint_id)
    assert not endpoints.remove(ENDPOINT.endpoint_id)
    assert not endpoints.change(before, before.switched(None))
    assert list(endpoints.all()) == []


def test_there_is_room_for_so_many(endpoints: EndpointStore) -> None:
    added = [endpoints.add(replace(ENDPOINT, endpoint_id=f"{number:016x}")) for number in range(MOST + 1)]

    assert added == [True] * MOST + [False]


def test_a_delivery_is_kept_once_and_with_its_attempts(deliveries: DeliveryStore) -> None:
    assert deliveries.add(DELIVERY)
    assert not deliveries.add(replace(DELIVERY, state=DeliveryState.GIVEN_UP))
    assert deliveries.find(ENDPOINT.endpoint_id, DELIVERY.entry) == DELIVERY

    tried = DELIVERY.after(DeliveryAttempt(NOW, 503, 31), share=0.5).after(
        DeliveryAttempt(NOW, 0, 10_000, "did not answer"), share=1
    )
    deliveries.put(tried)

    assert deliveries.find(ENDPOINT.endpoint_id, DELIVERY.entry) == tried
    assert deliveries.find("f" * 16, DELIVERY.entry) is None


def test_the_newest_come_first_and_those_of_one_endpoint_alone(deliveries: DeliveryStore) -> None:
    events = [
        replace(
            EVENT, event_id=f"evt_{number:032x}", happened_at=NOW + timedelta(seconds=number), details={"number": 1}
        )
        for number in range(3)
    ]
    for event in events:
        deliveries.add(delivery_of(event, ENDPOINT.endpoint_id, now=NOW))
    deliveries.add(delivery_of(EVENT, "f" * 16, now=NOW))

    assert [each.event for each in deliveries.newest(ENDPOINT.endpoint_id, most=2)] == [events[2], events[1]]
    assert len(deliveries.newest(ENDPOINT.endpoint_id, most=9)) == 3


def test_a_release_that_does_not_know_an_event_leaves_it_out(dynamodb: object) -> None:
    store = DynamoEndpoints(dynamodb, "WebhooksTable")  # type: ignore[arg-type]
    store.add(replace(ENDPOINT, event_types=frozenset({EventType.LEFT})))
    dynamodb.update_item(  # type: ignore[attr-defined]
        TableName="WebhooksTable",
        Key={"item_key": {"S": "endpoints"}, "entry": {"S": ENDPOINT.endpoint_id}},
        UpdateExpression="SET event_types = :types",
        ExpressionAttributeValues={":types": {"L": [{"S": "subscriber.left"}, {"S": "issue.translated"}]}},
    )

    assert store.all()[0].event_types == {EventType.LEFT}
