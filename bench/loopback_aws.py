"""What a worker asks of AWS, answered on loopback after as long as AWS takes: `python -m bench.loopback_aws <order>`.

It keeps the items of one send, applies writes to them on their conditions, and makes up a reader for every id. Nothing
else is done for an answer, so that it is the worker that is measured, and not the other end.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import zlib
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, cast

from bench.deployed import QUEUED
from bench.deployed_feedback import OPERATIONS
from bench.expressions import holds, updated
from bench.worker import AT_ONCE, SHARDS, an_issue
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_sends import batch_item, header_item
from newsletter.sending.adapters.issue_partition import SPREAD, key_of
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.pace import batch_size
from newsletter.sending.domain.send import Send
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, subscriber

LATENCY = {"DynamoDB_20120810": 0.004, "AmazonSQS": 0.008, "s3": 0.02, "ses": 0.05}
"""Seconds until an answer: what clients in the same region see of DynamoDB and of SQS. The provider of mail is as slow
as the one that other systems are measured at."""

READERS = "SubscribersTable"

BULK = "/v2/email/outbound-bulk-emails"

ADDRESS = re.compile(rb'"ToAddresses": ?\["([^"]+)"')
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
EXPECTS = re.compile(rb"expect: *100-continue", re.IGNORECASE)
TARGET = re.compile(rb"x-amz-target: *([^\r]+)", re.IGNORECASE)


@dataclass
class Dynamo:
    """Items by table and key, and readers who are made when they are asked for."""

    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    refused: int = 0
    readers: dict[str, str] = field(default_factory=dict)
    """By projection: an item as JSON, of the reader whose id and number are put in."""

    def put(self, table: str, item: Mapping[str, Any]) -> None:
        """Keep an item of the table of sends."""
        self.items[table, _key({"slug": item["slug"], "item": item["item"]})] = {
            name: {"B": b64encode(value["B"]).decode()} if "B" in value else value for name, value in item.items()
        }

    def answer(self, operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the body of an answer."""
        if operation == "BatchGetItem":
            return 200, self._readers(asked)
        if operation == "TransactWriteItems" or (operation == "PutItem" and asked["TableName"] == READERS):
            return 200, {}  # of a reader, who is made anew when they are asked for
        units: Any = {"ConsumedCapacity": {"TableName": asked["TableName"], "CapacityUnits": 1.0}}
        if operation == "Query":
            return 200, {"Items": [], "Count": 0, "ScannedCount": 0} | units
        place = asked["TableName"], _key(asked["Key"])
        if operation == "GetItem":
            return 200, ({"Item": self.items[place]} if place in self.items else self._read(asked)) | units
        if operation != "UpdateItem":
            raise ValueError(f"a worker does not ask for {operation}")
        before = self.items.get(place, dict(asked["Key"]))
        if "ConditionExpression" in asked and not holds(before, asked):
            self.refused += 1
            refusal = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
            return 400, {"__type": refusal, "message": "The conditional request failed"}
        self.items[place] = updated(before, asked)
        seen = {"ALL_NEW": self.items[place], "ALL_OLD": before}.get(asked.get("ReturnValues", ""))
        return 200, ({"Attributes": seen} if seen else {}) | units

    def _read(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"Item": _a_reader() | asked["Key"]} if asked["TableName"] == READERS else {}

    def _readers(self, asked: dict[str, Any]) -> str:
        ((table, wanted),) = asked["RequestItems"].items()
        pattern = self._pattern(wanted.get("ProjectionExpression", ""), wanted.get("ExpressionAttributeNames", {}))
        ids = [key["subscriber_id"]["S"] for key in wanted["Keys"]]
        found = ", ".join([pattern.replace("AN-ID", one).replace("NUMBER", str(int(one[2:], 16))) for one in ids])
        units = json.dumps([{"TableName": table, "CapacityUnits": float(len(ids))}])
        return f'{{"Responses": {{"{table}": [{found}]}}, "UnprocessedKeys": {{}}, "ConsumedCapacity": {units}}}'

    def _pattern(self, projection: str, names: Mapping[str, str]) -> str:
        if projection not in self.readers:
            wanted = {names.get(name.strip(), name.strip()) for name in projection.split(",")}
            self.readers[projection] = json.dumps(
                {name: value for name, value in _a_reader().items() if not projection or name in wanted}
            )
        return self.readers[projection]


class Aws:
    """All services that a worker uses."""

    def __init__(self, recipients: int, rate: float) -> None:
        self.dynamo = Dynamo()
        self.calls: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.addresses: set[bytes] = set()
        self.accepted = 0
        self.event_files: dict[bytes, bytes] = {}
        self.rate = rate
        self.queue: deque[tuple[float, str]] = deque()
        self._plan(recipients)
        self.issue = an_issue().to_json()

    def _plan(self, recipients: int) -> None:
        send = Send(slug=SLUG, content_hash="a" * 64, shards=SHARDS, opened_at=datetime.now(UTC))
        self.dynamo.put("SendsTable", header_item(send))
        self.dynamo.put("SendsTable", {**key_of(SLUG, SPREAD), "partitions": {"N": "1"}})
        ids = sorted(an_id(number) for number in range(1, recipients + 1))
        if not ids:
            return
        of_shards = [[one for one in ids if shard.first < one < shard.bound] for shard in shards(SHARDS)]
        size = batch_size(self.rate)
        for first in range(0, max(map(len, of_shards)), size):  # all planners at once, as they run
            for shard, of_shard in zip(shards(SHARDS), of_shards, strict=True):
                members = tuple(of_shard[first : first + size])
                if members:
                    after = of_shard[first - 1] if first else shard.first
                    batch = Batch.of(SLUG, after, members, now=datetime.now(UTC))
                    self.dynamo.put("SendsTable", batch_item(batch, SLUG))
                    self.queue.append((0.0, json.dumps({"slug": SLUG, "batch": after})))

    def answer(self, head: bytes, body: bytes) -> tuple[float, int, bytes]:
        """Return after how many seconds to answer, with what status, and what."""
        method, path = head.split(b" ", 2)[:2]
        target = TARGET.search(head)
        service, _, operation = target[1].decode().partition(".") if target else ("", "", "")
        if path.startswith(b"/bench/"):
            return 0.0, 200, self._for_the_bench(path.decode())
        if method == b"GET" and b"/rendered/" in path:
            return LATENCY["AmazonSQS"], 200, self.issue.encode()
        if b"/ses-events/" in path:
            return self._event_file(method, path, body)
        if method == b"PUT":
            self.calls["s3"] += 1
            return LATENCY["s3"], 200, b""
        self.calls[service.partition("_")[0] or "ses"] += 1
        self.operations[operation] += 1
        if service == "DynamoDB_20120810":
            status, said = self.dynamo.answer(operation, json.loads(body))
            return LATENCY[service], status, (said if isinstance(said, str) else json.dumps(said)).encode()
        if service == "AmazonSQS":
            return LATENCY[service], 200, self._queued(json.loads(body))
        if service == "secretsmanager":
            return LATENCY["AmazonSQS"], 200, json.dumps({"SecretString": json.dumps({"current": "a key"})}).encode()
        if path.endswith(b"/account"):
            quota = {"Max24HourSend": -1.0, "MaxSendRate": self.rate, "SentLast24Hours": 0.0}
            account = {"SendQuota": quota, "SendingEnabled": True, "EnforcementStatus": "HEALTHY"}
            return LATENCY["AmazonSQS"], 200, json.dumps(account).encode()
        return LATENCY["ses"], 200, self._accept(body)

    def _event_file(self, method: bytes, path: bytes, body: bytes) -> tuple[float, int, bytes]:
        """Keep what Firehose writes, which takes no time of ours; hand it out, and remove it."""
        if method == b"PUT":
            self.event_files[path.partition(b"?")[0]] = body
            return 0.0, 200, b""
        self.operations["GetObject" if method == b"GET" else "DeleteObject"] += 1
        if method == b"GET":
            return LATENCY["s3"], 200, self.event_files[path.partition(b"?")[0]]
        return LATENCY["s3"], 204, b""

    def _accept(self, body: bytes) -> bytes:
        addresses = ADDRESS.findall(body)
        results = [
            {"Status": "SUCCESS", "MessageId": f"{self.accepted + number:060}"} for number in range(len(addresses))
        ]
        self.accepted += len(addresses)
        self.addresses.update(addresses)
        return json.dumps({"BulkEmailEntryResults": results}).encode()

    def _queued(self, asked: dict[str, Any]) -> bytes:
        for entry in asked["Entries"]:
            if "batch" in json.loads(entry["MessageBody"]):
                self.queue.append((monotonic() + entry["DelaySeconds"], entry["MessageBody"]))
        said = [{"Id": each["Id"], "MessageId": each["Id"], "MD5OfMessageBody": ""} for each in asked["Entries"]]
        return json.dumps({"Successful": said, "Failed": []}).encode()

    def _for_the_bench(self, path: str) -> bytes:
        if path == QUEUED:
            due = [message for message in self.queue if message[0] <= monotonic()][:AT_ONCE]
            for message in due:
                self.queue.remove(message)
            return json.dumps({"due": [body for _, body in due], "left": len(self.queue)}).encode()
        if path == OPERATIONS:
            return json.dumps(self.operations | {"PutObject": self.calls["s3"]}).encode()
        sent = sum(item["outcomes"]["S"].count("s") for item in self.dynamo.items.values() if "outcomes" in item)
        said = {"sent": sent, "accepted": self.accepted, "addresses": len(self.addresses), "calls": self.calls}
        return json.dumps(said | {"refused": self.dynamo.refused}).encode()


class Connection(asyncio.Protocol):
    """One connection of a client, which asks one thing after the other."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._buffer = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is there."""
        self._buffer += data
        for head, body in self._requests():
            latency, status, said = self._aws.answer(head, body)
            answer = (
                b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nx-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n"
                % (status, zlib.crc32(said), len(said))
            ) + said
            asyncio.get_running_loop().call_later(latency, self._transport.write, answer)

    def _requests(self) -> Iterator[tuple[bytes, bytes]]:
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end])
            length = LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                if EXPECTS.search(head) and len(self._buffer) == end + 4:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body = bytes(self._buffer[end + 4 : whole])
            del self._buffer[:whole]
            yield head, body


def _key(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)


def _a_reader() -> dict[str, Any]:
    """Return the item of a reader who signed up with a form and confirmed, with the evidence of that."""
    consent = Consent(
        asked_at=NOW,
        page="https://briefing.example.org/subscribe/",
        words="Please send me the newsletter every two weeks. I can leave with one click at any time.",
        network="0" * 32,
        confirmed_at=NOW,
        confirmed_network="0" * 32,
    ).sealed("a key")
    person = subscriber(1, consent=consent, source="https://briefing.example.org/subscribe/", version=2)
    item: dict[str, Any] = DynamoSubscribers(cast("Any", None), "").put(person)["Item"]
    return item | {"subscriber_id": {"S": "AN-ID"}, "email": {"S": "readerNUMBER@example.org"}}


async def _serve(port: int, aws: Aws) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(aws), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    asyncio.run(_serve(order["port"], Aws(order["recipients"], order["rate"])))
