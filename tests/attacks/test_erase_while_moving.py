"""Whoever changed the address and had everything erased at once left the new address behind, in 2 of 8 rounds.

The new address stood in a record of its own, and the mail to it or the button in it could come between. Now it is part
of the reader's record, moving writes both records in one step, and an erasure that meets it goes along.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import boto3
import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.greet.handler import lambda_handler as greet
from functions.preferences.handler import lambda_handler as preferences
from newsletter.core.link_token import Purpose, sign
from newsletter.errors import ExpiredTokenError
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.link_rights import Confirmed
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression
from newsletter.readers.jobs.preferences import erase
from newsletter.readers.ports import SubscriberStore
from tests.attacks.test_takeover import posts
from tests.factories import an_id, subscriber
from tests.functions.conftest import KEYS, Deployment, deployment, load
from tests.moto_aws import REGION, TABLES
from tests.readers.test_confirm_and_leave import ADA, NEW, House, id_of

__all__ = ["deployment"]

FRESH = "fresh.address@example.net"


def everything(stack: Deployment) -> str:
    """Return all that is in the tables and on its way, as one text."""
    client: Any = boto3.client("dynamodb", region_name=REGION)
    tables = [client.scan(TableName=name)["Items"] for name in TABLES]
    queues = [stack.queued(queue) for queue in ("greet", "settle", "publish")]
    return f"{tables} {queues}"


def delivers(stack: Deployment, messages: list[dict[str, Any]]) -> None:
    for message in messages:
        event = load("greet/sign_up")
        event["Records"][0]["body"] = json.dumps(message)
        assert greet(event, stack.context) == {"batchItemFailures": []}


ROUNDS = [
    order for order in permutations(("mail", "notice", "erase", "press")) if order.index("press") > order.index("erase")
]
"""Twelve: the two messages before and after the erasure, and the button in the mail after it."""


@pytest.mark.parametrize("order", ROUNDS, ids="-".join)
def test_change_and_erase_at_once_leave_nothing_whatever_comes_between(
    deployment: Deployment, order: tuple[str, ...]
) -> None:
    deployment.save(subscriber(1))
    account = sign(Purpose.ACCOUNT, an_id(1), KEYS, now=deployment.now())
    new_id = deployment.app.addresses.subscriber_id(deployment.app.addresses.mailbox(FRESH))
    posts(deployment, preferences, "preferences/change_email", account, action="change_email", new_email=FRESH)
    mail, notice = deployment.drain("greet")
    button = sign(Purpose.MOVE, an_id(1), KEYS, now=deployment.now() + timedelta(seconds=1), new_id=new_id)
    steps: dict[str, Callable[[], object]] = {
        "mail": lambda: delivers(deployment, [mail, mail]),  # SQS delivers at least once
        "notice": lambda: delivers(deployment, [notice]),
        "erase": lambda: posts(deployment, preferences, "preferences/erase", account, action="erase", sure="yes"),
        "press": lambda: posts(deployment, confirm, "confirm/post", button),
    }

    for step in order:
        steps[step]()

    left = everything(deployment)
    assert "fresh.address" not in left
    assert new_id not in left
    assert "reader1@" not in left
    assert deployment.app.suppressions.get(an_id(1)) is not None


def test_a_press_that_meets_the_erasure_loses_or_goes_along() -> None:
    """Between the read and the delete of the erasure, the button in the mail to the new address is pressed."""
    house = House.of(ADA)
    house.move()
    erase_one, pressed = house.suppressions.erase, list[Confirmed]()

    def after_a_press(tombstone: Suppression, subscriber: Subscriber) -> bool:
        if not pressed:
            pressed.append(house.move_in())
        return erase_one(tombstone, subscriber)

    house.suppressions.erase = after_a_press  # type: ignore[method-assign]

    assert house.erase()
    assert house.subscribers.by_id == {}
    assert house.suppressions.get(id_of(NEW)) is not None


def test_an_erasure_that_meets_the_press_leaves_no_new_record() -> None:
    """Between the reads and the writes of the press, everything is erased."""
    house = House.of(ADA)
    house.move()
    save_both, erased = house.subscribers.save_both, list[bool]()

    def after_an_erasure(subscriber: Subscriber, another_subscriber: Subscriber) -> bool:
        if not erased:
            erased.append(house.erase())
        return save_both(subscriber, another_subscriber)

    house.subscribers.save_both = after_an_erasure  # type: ignore[method-assign]

    with pytest.raises(ExpiredTokenError):
        house.move_in()
    assert house.subscribers.by_id == {}


def test_the_real_store_writes_both_records_or_neither(dynamodb: Any) -> None:
    store: SubscriberStore = DynamoSubscribers(dynamodb, "SubscribersTable")
    assert store.save(subscriber(1))

    assert not store.save_both(subscriber(2), subscriber(1))  # somebody wrote the second meanwhile
    assert store.get(an_id(2)) is None
    assert store.save_both(subscriber(2), subscriber(1, version=1, name="Grace"))
    both = store.get_many([an_id(1), an_id(2)])
    assert [both[an_id(number)].version for number in (1, 2)] == [2, 1]


def test_erasing_a_former_address_by_hand_still_takes_the_signpost_alone(dynamodb: Any) -> None:  # noqa: ARG001
    house = House.of(ADA)
    house.move()
    house.move_in()

    assert erase(
        ADA.subscriber_id, subscribers=house.subscribers, suppressions=house.suppressions, now=ADA.signed_up_at
    )
    assert [each.email for each in house.subscribers.by_id.values()] == [NEW]
