"""How often a page asks AWS, and how often in a row: what a reader waits for."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from bench.counting import Operations
from functions.subscribe.handler import lambda_handler as subscribe
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.core.link_token import Purpose
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from tests.factories import subscriber
from tests.functions.conftest import Deployment, load

READ, COUNT, WRITE = "dynamodb.BatchGetItem", "dynamodb.UpdateItem", "dynamodb.TransactWriteItems"


@pytest.fixture
def calls(deployment: Deployment) -> Operations:
    counted = Operations()
    deployment.app.make_client = counted.counting(deployment.app.make_client)
    return counted


def sign_up(deployment: Deployment, calls: Operations, email: str, source_ip: str = "192.0.2.10") -> dict[str, int]:
    """Send the form, and return the calls of AWS; `in a row` is how many were waited for one after the other."""
    event = json.loads(json.dumps(load("subscribe/form")).replace("192.0.2.10", source_ip))
    event["body"] = b64encode(urlencode({"email": email, "name": "Ada"}).encode()).decode()
    calls.take(), calls.take_in_a_row()
    assert subscribe(event, deployment.context)["statusCode"] == 303
    return {**calls.take(), "in a row": calls.take_in_a_row()}


def test_a_sign_up_waits_for_two_calls_in_a_row_whoever_it_is(deployment: Deployment, calls: Operations) -> None:
    """One read beside the counter of the network, and one write beside the message."""
    addresses = deployment.app.addresses
    known = addresses.subscriber_id(addresses.mailbox("reader@example.org"))
    deployment.save(subscriber(subscriber_id=known, email="reader@example.org"))
    gone = addresses.subscriber_id(addresses.mailbox("gone@example.org"))
    deployment.app.suppressions.add(Suppression(gone, SuppressionReason.COMPLAINT, datetime.now(UTC)))
    sign_up(deployment, calls, "first@example.org")  # reads the keys, and the house style

    asked = [sign_up(deployment, calls, f"{who}@example.org") for who in ("stranger", "reader", "gone")]

    assert asked == [{READ: 1, COUNT: 1, WRITE: 1, "sqs.SendMessageBatch": 1, "in a row": 2}] * 3


def test_the_larger_networks_of_ipv6_are_counted_side_by_side(deployment: Deployment, calls: Operations) -> None:
    sign_up(deployment, calls, "first@example.org")

    asked = sign_up(deployment, calls, "second@example.org", "2001:db8:1:2::7")

    assert (asked[COUNT], asked["in a row"]) == (3, 2)


def test_one_click_waits_for_two_calls(deployment: Deployment, calls: Operations) -> None:
    deployment.save(subscriber(1))
    deployment.invoke(unsubscribe, "unsubscribe/get", Purpose.UNSUBSCRIBE)
    calls.take(), calls.take_in_a_row()

    deployment.invoke(unsubscribe, "unsubscribe/one_click_urlencoded", Purpose.UNSUBSCRIBE)

    assert calls.take() == {"dynamodb.GetItem": 1, "dynamodb.PutItem": 1}
    assert calls.take_in_a_row() == 2
