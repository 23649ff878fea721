"""A deployment in the middle of a send: two releases read each other's records, and everybody is mailed once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from functions.fan_out.handler import lambda_handler as fan_out
from functions.send.handler import lambda_handler as send
from functions.settle.handler import lambda_handler as settle
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.batch import name_in_round
from newsletter.sending.domain.send import Send, SendState
from tests.factories import SLUG, record, rendered, subscriber
from tests.functions.conftest import Deployment, deployed, load
from tests.moto_aws import REGION
from tests.upgrade.record import FOLDER
from tests.upgrade.test_records import RECORDED

READERS = 12
TABLES = ("SendsTable", "IssuesTable", "SubscribersTable")
KEYS = {"SendsTable": ("slug", "item"), "IssuesTable": ("slug",), "SubscribersTable": ("subscriber_id",)}
UNKNOWN = {"of_a_newer_release": {"M": {"a": {"S": "b"}}}}

needs = {
    name: {field[0] for field in json.loads((FOLDER / [*RECORDED][-1] / f"{name}.json").read_text())["needs"]}
    for name in ("send", "batch", "end_of_chain", "shard", "issue", "subscriber")
}


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as deployment:
        yield deployment


def each_item(change: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
    """Write every item that a send touches as `change` returns it."""
    client: Any = boto3.client("dynamodb", region_name=REGION)
    for table in TABLES:
        for item in client.scan(TableName=table)["Items"]:
            client.put_item(TableName=table, Item=change(table, item))


def newer(table: str, item: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Return an item as a newer release writes it: with a field that nobody knows."""
    return item | UNKNOWN


def older(table: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as the oldest release that can be read writes it: with nothing that may be missing."""
    kinds = {"SendsTable": "shard", "IssuesTable": "issue", "SubscribersTable": "subscriber"}
    kind = kinds[table]
    if table == "SendsTable":
        name = item["item"]["S"]
        if name == "header":
            kind = "send"
        elif name.startswith("batch#"):
            kind = "batch" if "ids" in item else "end_of_chain"
        else:
            return item  # counts beside the send
    kept = needs[kind] | set(KEYS[table]) | {"email", "sequencer", "cleared", "audience"}
    return {name: value for name, value in item.items() if name in kept}


def as_delivered(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    (pattern,) = load("feedback/send")["Records"]
    return {"Records": [pattern | {"messageId": str(n), "body": json.dumps(body)} for n, body in enumerate(bodies)]}


def begin(deployment: Deployment) -> None:
    app = deployment.app
    app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    app.content.put_rendered(rendered())
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, swept_in=2, opened_at=datetime.now(UTC)))
    for number in range(READERS):
        deployment.save(subscriber(number))
    first, *others = shards(16)  # all readers are in the first one
    for shard in others:
        app.sends.finish_shard(SLUG, shard)
        app.sends.chain_planned(SLUG, name_in_round(1, shard.first), 0)  # else settle asks for the sweep, minutes later
    app.queues.plan(SLUG, [first])


def run(deployment: Deployment, between: Callable[[], None], message: dict[str, Any]) -> None:
    """Deliver what waits until the books are closed; `between` happens after each delivery."""
    handlers: list[tuple[str, Any]] = [("plan", fan_out), ("batch", send)]
    for _ in range(10):
        for queue, handler in handlers:
            for body in deployment.drain(queue):
                answer = handler(as_delivered([body | message]), deployment.context)
                assert answer == {"batchItemFailures": []}
            between()
        assert settle(as_delivered([{"settle": SLUG} | message]), deployment.context) == {"batchItemFailures": []}
        header = deployment.app.sends.get(SLUG)
        assert header is not None
        assert not header.unreadable
        if header.state is SendState.CLOSED:
            return
        between()
    pytest.fail("the send was not closed")


@pytest.mark.parametrize("weather", ["newer", "older", "to and fro"])
def test_everybody_is_mailed_once_whichever_release_wrote_last(deployment: Deployment, weather: str) -> None:
    turns = {"newer": [newer], "older": [older], "to and fro": [newer, older]}[weather]
    taken = 0

    def between() -> None:
        nonlocal taken
        each_item(turns[taken % len(turns)])
        taken += 1

    begin(deployment)
    between()

    run(deployment, between, {"of_a_newer_release": {"a": 1}} if newer in turns else {})

    mailed = Counter(message["to"] for message in deployment.ses.messages())
    assert mailed == {f"reader{number}@example.org": 1 for number in range(READERS)}
    header = deployment.app.sends.get(SLUG)
    assert header is not None
    assert header.books is not None
    assert header.books.balanced
    assert header.books.sent == READERS
    assert taken > 3
