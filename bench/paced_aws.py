"""AWS on loopback, each service answering after as long as AWS takes: `python -m bench.paced_aws`.

The tables, buckets and keys are MiniStack's. What it needs for an answer is taken off the wait, so that only what is
longer than AWS's own time lengthens anything. Queues are kept here, because when a message arrives is a figure; so is
SES, which takes every email after the time of a slow one.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import re
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from bench.loopback_aws import ADDRESS, LATENCY
from local import ministack

DELIVERY = 0.05
"""Seconds from a message in a queue to the function that it wakes: a poller asks all the time, and starts it."""

DUE, MOMENTS, ACCOUNT = "/bench/due", "/bench/moments", "/bench/account"
"""Paths for the bench: the next messages of a queue, when what happened, and the account's rate."""

POLL = 2.0
"""Seconds that a poller waits for a message at most."""

SOON = 5.0
"""Seconds. A look that is booked for later is not part of what is under way."""

TARGET = b"x-amz-target"
CLOSES = re.compile(rb'"Delete"')
"""In a transaction on the table of sends: the header of a send is closed, and it leaves the list of open ones."""

Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Send], Awaitable[None]]


@dataclass
class Moments:
    """When things happened, on the clock that all processes of a machine share. Units: seconds."""

    first_mail: float = 0.0
    """The first call of SES with an email arrived."""
    last_answer: float = 0.0
    """SES answered the last one."""
    closed: float = 0.0
    """The books were written."""
    accepted: int = 0


@dataclass
class PacedAws:
    """Answers in the place of AWS."""

    application: Application
    rate: float = 200.0
    moments: Moments = field(default_factory=Moments)
    queues: defaultdict[str, list[tuple[float, int, str]]] = field(default_factory=lambda: defaultdict(list))
    polled: set[str] = field(default_factory=set)
    """Queues that somebody takes messages from."""
    places: count[int] = field(default_factory=count)

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http":
            return await self.application(scope, receive, send)
        began, body = monotonic(), await _body(receive)
        headers, path = dict(scope["headers"]), scope["path"]
        service, _, operation = headers.get(TARGET, b"").decode().partition(".")
        if path.startswith("/bench/"):
            return await _answer(send, await self._for_the_bench(path, scope["query_string"].decode(), body))
        if service == "AmazonSQS":
            said, latency = self._queued(json.loads(body)), LATENCY["AmazonSQS"]
        elif path.startswith("/v2/email/"):
            return await self._mailed(path, body, send)
        else:
            return await self._passed_on(scope, body, send, began, service, operation)
        await asyncio.sleep(latency)
        return await _answer(send, said)

    async def _passed_on(self, scope: Any, body: bytes, send: Send, began: float, service: str, operation: str) -> None:
        """Let MiniStack answer, and hand the answer out when AWS would."""
        said: list[Any] = []

        async def keep(message: Any) -> None:
            said.append(message)

        async def once() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.application(scope, once, keep)
        latency = LATENCY.get(service, LATENCY["s3"] if not service else LATENCY["AmazonSQS"])
        await asyncio.sleep(max(0.0, began + latency - monotonic()))
        if operation == "TransactWriteItems" and CLOSES.search(body):
            self.moments.closed = monotonic()
        for message in said:
            await send(message)

    async def _mailed(self, path: str, body: bytes, send: Send) -> None:
        if path.endswith("/account"):
            quota = {"Max24HourSend": -1.0, "MaxSendRate": self.rate, "SentLast24Hours": 0.0}
            await asyncio.sleep(LATENCY["AmazonSQS"])
            return await _answer(
                send, {"SendQuota": quota, "SendingEnabled": True, "EnforcementStatus": "HEALTHY",
                       "ProductionAccessEnabled": True},
            )  # fmt: skip
        moments, addresses = self.moments, ADDRESS.findall(body)
        moments.first_mail = moments.first_mail or monotonic()
        first = moments.accepted
        moments.accepted += len(addresses)
        await asyncio.sleep(LATENCY["ses"])
        moments.last_answer = monotonic()
        ids = [f"{first + number:060}" for number in range(len(addresses))]
        await _answer(send, {"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": each} for each in ids]}
                      if path.endswith("bulk-emails") else {"MessageId": "0" * 60})  # fmt: skip
        return None

    def _queued(self, asked: Mapping[str, Any]) -> Any:
        entries = asked.get("Entries", [{"Id": "0", **asked}])
        queue = self.queues[asked["QueueUrl"].rpartition("/")[2]]
        for entry in entries:
            due = monotonic() + LATENCY["AmazonSQS"] + DELIVERY + entry.get("DelaySeconds", 0)
            heapq.heappush(queue, (due, next(self.places), entry["MessageBody"]))
        said = [{"Id": each["Id"], "MessageId": each["Id"], "MD5OfMessageBody": ""} for each in entries]
        return {"Successful": said, "Failed": []} if "Entries" in asked else said[0]

    async def _for_the_bench(self, path: str, query: str, body: bytes) -> Any:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if path == DUE:
            self.polled.add(asked["queue"])
            return await self._due(self.queues[asked["queue"]], int(asked["most"]))
        if path == ACCOUNT:
            self.rate = float(json.loads(body))
        soon = monotonic() + SOON
        waiting = sum(due <= soon for name in self.polled for due, _, _ in self.queues[name])
        said = vars(self.moments) | {"waiting": waiting}
        if asked.get("anew"):
            self.moments = Moments()
        return said

    async def _due(self, queue: list[tuple[float, int, str]], most: int) -> list[str]:
        ends = monotonic() + POLL
        while not queue or queue[0][0] > monotonic():
            if monotonic() > ends:
                return []
            await asyncio.sleep(0.002)
        found: list[str] = []
        while queue and len(found) < most and queue[0][0] <= monotonic():
            found.append(heapq.heappop(queue)[2])
        return found


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    return body


async def _answer(send: Send, said: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})


def main() -> None:
    """Serve until stopped; MiniStack reads its port from the environment."""
    serve = ministack.serve

    async def paced(app: Any, config: Any) -> None:
        await serve(PacedAws(app), config)

    ministack.serve = paced
    sys.argv[1:] = []
    ministack.main()


if __name__ == "__main__":
    main()
