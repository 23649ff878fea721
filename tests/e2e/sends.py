"""Sends on the laptop stack, as tests of their faults begin them, disturb them and look at them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import httpx

from newsletter.readers.adapters.dynamo_newcomers import DynamoNewcomers
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from tests.factories import subscriber
from tests.laptop import Laptop

ISSUE = "---\ntitle: {title}\ndate: {date}\n---\n\nDear {{{{ name | reader }}}}, this is the whole issue.\n"


def join(laptop: Laptop, emails: Sequence[str]) -> None:
    """Put confirmed readers on the list, as an import does."""
    store = DynamoNewcomers(laptop.client("dynamodb"), laptop.subscribers, laptop.where["tables"]["suppressions"])
    people = [subscriber(subscriber_id=laptop.who(email), email=email) for email in emails]
    for start in range(0, len(people), 50):
        fifty = people[start : start + 50]
        assert store.add(fifty) == {who.subscriber_id for who in fifty}


def simulate(laptop: Laptop, what: str, **wish: float) -> None:
    httpx.put(f"{laptop.where['ses_endpoint']}/_simulator/{what}", json=wish).raise_for_status()


def evidence_is_on_its_way(laptop: Laptop) -> bool:
    stats = httpx.get(f"{laptop.where['ses_endpoint']}/_simulator/stats").json()
    unpublished = stats["accepted"] != stats["events"]["published"].get("Send", 0) or stats["events"]["waiting"]
    return bool(unpublished or laptop.waiting("feedback"))


def workers(laptop: Laptop) -> list[int]:
    """Return the processes in which this stack runs the function `send`."""
    folders = (laptop.home / "tmp").glob(f"ministack-lambda-{laptop.where['functions']['send']}-*")
    found = [int((folder / "pid").read_text()) for folder in folders]
    assert found
    return found


def upload(laptop: Laptop, slug: str) -> None:
    laptop.upload(slug, ISSUE.format(title=slug[11:].capitalize(), date=slug[:10]))


def fire(laptop: Laptop, slug: str) -> None:
    """Do what EventBridge Scheduler does at the slot."""
    function, event = laptop.where["functions"]["schedule"], {"scheduled_time": f"{slug[:10]}T09:00:00Z"}
    answer = laptop.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    assert json.loads(answer["Payload"].read()) == {"verdict": "send", "issue": slug}


def sends(laptop: Laptop) -> DynamoSends:
    return DynamoSends(laptop.client("dynamodb"), laptop.where["tables"]["sends"])


def delivered(laptop: Laptop, slug: str) -> Counter[str]:
    return Counter(laptop.inbox.recipients_of(slug))
