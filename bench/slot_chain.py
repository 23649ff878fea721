"""A slot from the strike of the scheduler to the closed books: the functions' own handlers, each in processes.

`bench/slot.py` starts it with AWS on loopback (`bench/paced_aws.py`). In the place of Lambda it keeps as many processes
of each function as the template lets run, and hands each the messages of its queue.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import boto3
import httpx

from bench.cold_import import RESULTS, WHOLE_PROCESSOR
from bench.function_memory import megabytes
from bench.paced_aws import DUE, MOMENTS, POLL
from bench.worker import SHARDS, an_issue
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_sends import batch_item
from newsletter.sending.domain.batch import SWEEP_ROUND, Batch, name_in_round
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pace import batch_size
from newsletter.sending.domain.send import Send
from newsletter.wiring import App, app
from tests.factories import an_id, record, subscriber
from tests.moto_aws import make_buckets, make_tables

RATE = 200.0
"""Of the account, recipients per second."""

RECIPIENTS = 1_000
LARGE_LIST = 100_000
PERIOD = timedelta(weeks=1)

FUNCTIONS = {"publish": 2, "fan_out": 2, "send": 2, "settle": 2}
"""Environments that the template lets run side by side."""

QUEUE_OF = {"publish": "publish", "fan_out": "plan", "send": "batch", "settle": "settle"}
AT_A_TIME = {"send": 10, "publish": 5}
"""Messages of one event; of the others one."""

CALL = 25
"""Items of one BatchWriteItem."""

ROUNDS, COLD_ROUNDS = 2, 2
"""Sends behind a first that is not counted, and sends by functions that start for them."""

LOGICAL_IDS = {"schedule": "Schedule", "publish": "Publish", "fan_out": "FanOut", "send": "Send", "settle": "Settle"}
"""Of the way from slot to books, by their names in the template."""

STILL = 3
"""So many looks in a row, a tenth of a second apart, find nobody at work."""

LONGEST = 60.0
"""Seconds for one send."""


@dataclass
class Environment:
    """One process of a function."""

    name: str
    start: float
    """Seconds that its first event waits."""
    process: subprocess.Popen[str] = field(init=False)
    first_cpu: float = 0.0
    """Processor seconds of the first event."""

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "bench.function_process", self.name, str(self.start)]
        self.process = subprocess.Popen(  # noqa: S603 - ours
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def wait(self) -> None:
        """Return when it has loaded its handler; all of a fleet do so side by side."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", f"the function {self.name} does not start"

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Hand over an event, and return what the handler answered."""
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: PT018
        self.process.stdin.write(json.dumps(event) + "\n")
        said = json.loads(self.process.stdout.readline())
        self.first_cpu = self.first_cpu or said["cpu_seconds"]
        return said["answer"]

    def end(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait()


@dataclass
class Fleet:
    """The functions of a stack, and Lambda's pollers between their queues and them."""

    host: str
    schedule: Environment
    others: list[Environment]
    log: list[tuple[str, float, float]] = field(default_factory=list)
    """Which function ran from when to when."""
    busy: set[int] = field(default_factory=set)
    """Processes that have an event in hand."""
    problems: list[Exception] = field(default_factory=list)

    def strike(self, day: date) -> float:
        """Do as EventBridge Scheduler does; return when."""
        began = monotonic()
        answer = self.schedule.invoke({"scheduled_time": f"{day}T09:00:00Z"})
        self.log.append(("schedule", began, monotonic()))
        assert answer["verdict"] == "send", answer
        return began

    def poll(self, environment: Environment, over: threading.Event) -> None:
        """Hand over what comes, until all is over; what goes wrong is kept for whoever waits."""
        try:
            self._poll(environment, over)
        except Exception as problem:
            self.problems.append(problem)
            raise

    def check(self) -> None:
        """Raises: Exception: What went wrong in a poller."""  # noqa: D402 - the whole story is the error
        for problem in self.problems:
            raise problem

    def _poll(self, environment: Environment, over: threading.Event) -> None:
        name = environment.name
        place = {"queue": QUEUE_OF[name], "most": str(AT_A_TIME.get(name, 1))}
        with httpx.Client(base_url=f"http://{self.host}", timeout=POLL + 10) as client, suppress(httpx.TransportError):
            while not over.is_set():
                bodies = client.get(DUE, params=place).json()
                if not bodies:
                    continue
                self.busy.add(environment.process.pid)
                began = monotonic()
                answer = environment.invoke({"Records": [_record(body) for body in bodies]})
                self.log.append((name, began, monotonic()))
                self.busy.discard(environment.process.pid)
                assert answer == {"batchItemFailures": []}, (name, bodies, answer)


@contextmanager
def fleet(host: str, starts: Mapping[str, float]) -> Iterator[Fleet]:
    """Start all processes, their pollers with them; `starts` says what the first event of each function waits."""
    over = threading.Event()
    with ExitStack() as ends:
        made = [Environment(name, starts.get(name, 0.0)) for name, most in FUNCTIONS.items() for _ in range(most)]
        found = Fleet(host, Environment("schedule", starts.get("schedule", 0.0)), made)
        for each in (*made, found.schedule):
            ends.callback(each.end)
        for each in (*made, found.schedule):
            each.wait()
        for each in made:
            threading.Thread(target=found.poll, args=(each, over), daemon=True).start()
        try:
            yield found
        finally:
            over.set()


def _record(body: str) -> dict[str, Any]:
    return {"messageId": uuid4().hex, "body": body, "eventSource": "aws:sqs", "attributes": {}}


@dataclass
class Stage:
    """The stack's stores, and what the bench puts there."""

    host: str
    first_slot: date
    app: App
    client: Any
    issues: int = 0

    def readers(self, numbers: Iterable[int]) -> None:
        """Put confirmed readers on the list, who signed up long ago."""
        table = self.app.settings.subscribers_table
        items = DynamoSubscribers(self.client, table)
        self._put(table, [items.put(subscriber(number))["Item"] for number in numbers])

    def issue(self) -> tuple[str, date]:
        """Put a ready issue there, and return its name and its slot."""
        day = self.first_slot + self.issues * PERIOD
        slug = f"{day}-issue"
        self.issues += 1
        rendered = replace(an_issue(), slug=slug)
        self.app.content.put_rendered(rendered)
        known = record(slug=slug, date=day, status=IssueStatus.READY, content_hash=rendered.content_hash)
        assert self.app.issues.put(known, before=None)
        return slug, day

    def all_but_one_batch(self, readers: int) -> tuple[str, Batch]:
        """Write a send of so many readers as it is when all are through but its last batch; return that batch."""
        slug, _ = self.issue()
        stored = self.app.issues.get(slug)
        assert stored is not None
        assert self.app.issues.begin_sending(slug, stored.content_hash, needs_approval=False)
        now = datetime.now(UTC)
        header = Send(slug=slug, content_hash=stored.content_hash, shards=SHARDS, swept_in=SHARDS, opened_at=now)
        send, sends = self.app.sends.open(header), self.app.sends
        ids, items, last = sorted(an_id(number) for number in range(1, readers + 1)), [], None
        for shard in shards(SHARDS):
            chain = list(_chain(slug, shard.first, [one for one in ids if shard.first < one < shard.bound], now))
            sends.chain_planned(slug, shard.first, len(chain))
            sends.finish_shard(slug, shard, round_number=send.round)
            last = chain[-1]
            items += [batch_item(_through(batch, now), slug) for batch in chain]
            items.append(batch_item(Batch.end(slug, chain[-1].last, now=now), slug))
            sends.count_through(slug, len(chain))
        assert last is not None
        items.remove(batch_item(_through(last, now), slug))
        sends.count_through(slug, -1)
        for part in send.sweep_parts:
            sends.chain_planned(slug, name_in_round(SWEEP_ROUND, str(part)), 0)
            self.app.sweeps.finish_part(slug, part)
        self._put(self.app.settings.sends_table, [*items, batch_item(last, slug)])
        return slug, last

    def moments(self, *, anew: bool = False) -> Any:
        """Return when what happened; `anew` forgets it then."""
        return httpx.get(f"http://{self.host}{MOMENTS}", params={"anew": "1"} if anew else {}).json()

    def _put(self, table: str, items: list[Any]) -> None:
        for first in range(0, len(items), CALL):
            writes = [{"PutRequest": {"Item": item}} for item in items[first : first + CALL]]
            answer = self.client.batch_write_item(RequestItems={table: writes})
            assert not answer.get("UnprocessedItems"), "the bench writes more than the emulator takes"


def _chain(slug: str, first: str, ids: list[str], now: datetime) -> Iterator[Batch]:
    size, after = batch_size(RATE), first
    for start in range(0, len(ids), size):
        members = tuple(ids[start : start + size])
        yield Batch.of(slug, after, members, now=now)
        after = members[-1]


def _through(batch: Batch, now: datetime) -> Batch:
    return batch.recorded(dict.fromkeys(batch.ids, Outcome.SENT), now=now)


def stage(host: str) -> Stage:
    """Make what the template makes."""
    client = boto3.client("dynamodb")
    make_tables()
    make_buckets()
    secrets: Any = boto3.client("secretsmanager")
    secrets.create_secret(Name="address-key", SecretString="key of the addresses")
    secrets.create_secret(Name="signing-keys", SecretString=json.dumps({"current": "key of the readers"}))
    secrets.create_secret(Name="editor-keys", SecretString=json.dumps({"current": "key of the editors"}))
    return Stage(host, date.fromisoformat(os.environ["ANCHOR_DATE"]), app(), client)


def sent(there: Stage, running: Fleet, slug: str, day: date) -> dict[str, Any]:
    """Let a slot strike, and return the seconds to what happens after it."""
    there.moments(anew=True)
    running.log.clear()
    began = running.strike(day)
    found = _when_closed(there, running)
    assert found["accepted"] == RECIPIENTS, (slug, found)
    steps = [(name, round(first - began, 3), round(last - began, 3)) for name, first, last in sorted(
        running.log, key=lambda step: step[1])]  # fmt: skip
    return {
        "first_s": found["first_mail"] - began,
        "closed_s": found["closed"] - began,
        "closing_s": found["closed"] - found["last_answer"],
        "steps": steps,
    }


def _when_closed(there: Stage, running: Fleet) -> Any:
    ends = monotonic() + LONGEST
    while monotonic() < ends:
        running.check()
        if (found := there.moments())["closed"]:
            return found
        sleep(0.1)
    raise TimeoutError(f"the books were not closed: {there.moments()}")


def quiet(there: Stage, running: Fleet) -> None:
    """Wait until what follows a closing is done."""
    still = 0
    while still < STILL:
        running.check()
        sleep(0.1)
        still = 0 if running.busy or there.moments()["waiting"] else still + 1


def main(host: str) -> None:
    """Print what was measured."""
    os.environ["ANCHOR_DATE"] = str(datetime.now(UTC).date() - timedelta(days=80))
    os.environ["PERIOD_WEEKS"] = "1"
    there = stage(host)
    there.readers(range(1, RECIPIENTS + 1))
    warm, first_cpu = _warm(there)
    starts = starts_of(first_cpu)
    print(json.dumps({"warm": warm, "starts": starts, "cold": _cold(there, starts), "closing_s": _closing(there)}))


def _warm(there: Stage) -> tuple[list[Any], dict[str, float]]:
    """Return sends by functions that run already, and what the first events took of a processor."""
    runs = []
    with fleet(there.host, {}) as running:
        for _ in range(1 + ROUNDS):
            runs.append(sent(there, running, *there.issue()))
            quiet(there, running)
        first_cpu = {each.name: each.first_cpu for each in (*running.others, running.schedule) if each.first_cpu}
    return runs[1:], first_cpu


def _cold(there: Stage, starts: Mapping[str, float]) -> list[Any]:
    """Return sends each of which is by functions that have just started."""
    runs = []
    for _ in range(COLD_ROUNDS):
        with fleet(there.host, starts) as running:
            runs.append(sent(there, running, *there.issue()))
            quiet(there, running)
    return runs


def _closing(there: Stage) -> float:
    """Return the seconds from the last answer of SES to closed books of a send to 100,000."""
    slug, last = there.all_but_one_batch(LARGE_LIST)
    there.readers(int(one[2:], 16) for one in last.ids)
    with fleet(there.host, {}) as running:
        there.moments(anew=True)
        there.app.queues.send(slug, [last.after])
        found = _when_closed(there, running)
        quiet(there, running)
    assert found["accepted"] == len(last.ids)
    return float(found["closed"] - found["last_answer"])


def starts_of(first_cpu: Mapping[str, float]) -> dict[str, float]:
    """Return what a start takes of each function: its import, and what its first answer takes for its share."""
    built = json.loads(RESULTS.read_text())["cold_built"]
    starts = {}
    for name, logical_id in LOGICAL_IDS.items():
        share = min(1.0, megabytes(logical_id) / WHOLE_PROCESSOR)
        starts[name] = built[name]["ms"] / 1000 / share + first_cpu.get(name, 0.0) * (1 / share - 1)
    return starts


if __name__ == "__main__":
    main(sys.argv[1])
