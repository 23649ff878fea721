"""Two programs are told of what happens on the laptop stack, with permissions enforced: every event, signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from local.reader import wait_for
from newsletter.desk.adapters.webhooks.dynamo_deliveries import DynamoDeliveries
from newsletter.desk.adapters.webhooks.dynamo_endpoints import DynamoEndpoints
from newsletter.desk.webhooks.change_endpoints import add_endpoint
from newsletter.desk.webhooks.event import CHOICES
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.sending.domain.send import SIMULATOR
from tests.factories import subscriber
from tests.laptop import Laptop
from tests.webhook_receiver import WebhookReceiver, webhook_receiver

pytestmark = pytest.mark.e2e

SLUG = "2026-11-17-for-programs"
ISSUE = """---
title: For programs
date: 2026-11-17
send: now
---

Dear {{ name | reader }}, programs are told of this one.
"""


@contextmanager
def told(stack: Laptop, *, with_addresses: bool) -> Iterator[WebhookReceiver]:
    """Run a program that is told of everything, as if an owner had entered it at the desk."""
    endpoints = DynamoEndpoints(stack.client("dynamodb"), stack.where["tables"]["webhooks"])
    with webhook_receiver() as receiver:
        endpoint = add_endpoint(
            receiver.url,
            CHOICES,
            with_addresses=with_addresses,
            made_by="0" * 16,
            http_on_loopback=True,
            endpoints=endpoints,
            now=datetime.now(UTC),
        )
        receiver.secret, receiver.endpoint_id = endpoint.secret, endpoint.endpoint_id
        yield receiver
        endpoints.remove(endpoint.endpoint_id)


def test_two_programs_are_told_of_every_event_and_one_of_them_without_addresses(stack: Laptop) -> None:
    with told(stack, with_addresses=False) as crm, told(stack, with_addresses=True) as chat:
        crm.answers = [503]  # the first of all comes once more
        old, new = "programs-ada@example.org", "programs-lovelace@example.org"
        stack.confirmed(old, "Ada")
        ids = {email: stack.who(email) for email in (old, new)}
        for kind in ("bounce", "complaint"):
            email = f"{kind}+programs@{SIMULATOR}"
            ids[kind] = stack.who(email)
            assert stack.subscribers.save(subscriber(subscriber_id=ids[kind], email=email))

        stack.upload(SLUG, ISSUE)
        issues = DynamoIssues(stack.client("dynamodb"), stack.where["tables"]["issues"])
        record = issues.get(SLUG)
        assert record is not None
        assert issues.approve(SLUG, record.content_hash, noted="as if somebody of the team had"), "here nobody has to"
        assert stack.books(SLUG).balanced
        link = stack.account_link(old)
        change = {"action": "change_email", "new_email": new}
        assert httpx.post(link, data=change, timeout=30).status_code == 200
        assert (
            httpx.post(stack.link(stack.mail(new, "address_change_confirm"), "confirm"), timeout=30).status_code == 200
        )
        link = stack.account_link(new)
        stack.reader(old).leave()  # an old link leads to where they are now
        assert httpx.post(link, data={"action": "erase", "sure": "yes"}, timeout=30).status_code == 200

        expected = {
            "subscriber.subscribed": ids[old],
            "subscriber.confirmed": ids[old],
            "subscriber.moved": ids[new],
            "subscriber.left": ids[new],
            "subscriber.erased": ids[new],
            "subscriber.bounced": ids["bounce"],
            "subscriber.complained": ids["complaint"],
        }
        for receiver in (crm, chat):
            for event_type, subscriber_id in expected.items():
                wait_for(
                    f"{event_type} at a program",
                    lambda receiver=receiver, event_type=event_type, subscriber_id=subscriber_id: [  # type: ignore[misc]
                        each for each in receiver.of_type(event_type) if each["subscriber_id"] == subscriber_id
                    ],
                    seconds=60,
                )
            for event_type in ("issue.approved", "issue.sent", "report.ready"):
                wait_for(
                    f"{event_type} at a program",
                    lambda receiver=receiver, event_type=event_type: [  # type: ignore[misc]
                        each for each in receiver.of_type(event_type) if each["issue"] == SLUG
                    ],
                    seconds=60,
                )
        assert "@" not in str(crm.events)
        assert chat.of_type("subscriber.confirmed")[0]["email"] == old
        assert "email" not in chat.of_type("subscriber.erased")[-1]
        assert httpx.get(chat.of_type("issue.sent")[0]["url"], timeout=30).status_code == 200

        log = DynamoDeliveries(stack.client("dynamodb"), stack.where["tables"]["webhooks"])
        stack.wait_until_quiet()
        deliveries = log.newest(crm.endpoint_id, most=100)
        assert {each.state for each in deliveries} == {"delivered"}
        assert [[attempt.status for attempt in each.attempts] for each in deliveries if len(each.attempts) > 1] == [
            [503, 204]
        ]
        assert "@" not in str(deliveries)
