"""The stack on a virtual clock: queues, clocks and the store's expiry wake the functions, as AWS does.

AWS is in this process (moto), SES on a loopback port. What AWS does by itself is done here: it delivers what lies in a
queue to the function that the template names, with its delay; it ticks; it deletes what has expired; it takes what SES
reports to `feedback`.
"""

from __future__ import annotations

import base64
import heapq
import importlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from local.simulator.inbox.reading import Read, read
from local.simulator.inbox.store import Filter
from local.simulator.message import Message
from tests.functions.conftest import Deployment, load
from tests.moto_aws import REGION, TABLES, template
from tests.year.clock import YearClock
from tests.year.clocks import Clock

SES_REPORTS_AFTER = timedelta(seconds=2)
AGAIN_AFTER = timedelta(minutes=6)
"""What a function did not finish comes back, as the visibility of most queues says."""
MOST_RECEIVES = 5
EXPIRES_EVERY = timedelta(days=2)
"""DynamoDB deletes within two days of the moment that an item names."""
RESTING = timedelta(days=3)
"""How long a clock that ticks by minutes or hours may stand still while nothing is under way: it would find nothing,
120,000 times a year. `Stack.marks` are moments it must not miss; one that finds something is told in `overslept`."""
UNDER_WAY = timedelta(minutes=30)
"""How long after the last work on an issue the clocks tick as often as in AWS."""
WORK = frozenset({"PlanQueue", "BatchQueue", "SettleQueue", "PublishQueue"})
"""Queues whose messages are work on an issue."""


class Stack:
    """Everything that waits for its moment, and what happened so far."""

    def __init__(self, deployment: Deployment, clock: YearClock, clocks: Iterable[Clock], zone: ZoneInfo) -> None:
        self.deployment, self.clock, self.zone = deployment, clock, zone
        self.failures: list[str] = []
        """What a function did not finish, and what it said."""
        self.overslept: list[str] = []
        """Clocks that stood still, and then had something to do."""
        self.ticks = self.ticks_spared = 0
        """How often a clock ticked, and how often it did not, for nothing was under way."""
        self.marks: Callable[[datetime], datetime] = lambda now: now + RESTING
        """Returns the next moment at which every clock ticks, however little is going on."""
        self.on_mail: Callable[[Message, Read], None] = lambda message, mail: None
        """Told of every mail as it arrives."""
        self._order = itertools.count()
        self._waiting: list[tuple[datetime, int, Callable[[], None]]] = []
        self._busy_until = clock.now()
        self._seen = self._handed_over = 0
        self._handlers = _handlers()
        self._woken_by = _woken_by()
        self._batch_sizes = _batch_sizes()
        self._messages: dict[str, list[tuple[datetime, str, int]]] = {queue: [] for queue in self._woken_by}
        self._queues = {name: queue for name, queue in _queues(deployment).items() if name in self._woken_by}
        for each in clocks:
            self.at(each.next_after(clock.now(), zone), lambda each=each: self._tick(each))  # type: ignore[misc]
        self.at(clock.now() + EXPIRES_EVERY, self._expire)

    # --- time ---------------------------------------------------------------------------------------------------------

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do something at a moment, after what is to be done before it."""
        heapq.heappush(self._waiting, (moment, next(self._order), action))

    def run_until(self, end: datetime) -> None:
        """Let time pass."""
        while self._waiting and self._waiting[0][0] <= end:
            moment, _, action = heapq.heappop(self._waiting)
            self.clock.move_to(moment)
            self.deployment.ses.clock.now = self.clock.now()
            action()
        self.clock.move_to(end)

    # --- functions ----------------------------------------------------------------------------------------------------

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        """Invoke a function, and look at what it left in queues, inbox and topics."""
        answer = self._handlers[function](event, self.deployment.context)
        self._collect()
        return answer

    def http(
        self, function: str, event: str, fields: Mapping[str, str] | None = None, *, token: str = "", network: str = ""
    ) -> int:
        """Let a browser ask; return the status.

        Args:
            function: Who answers.
            event: A recorded request in `events/`, without its body if fields are given.
            fields: The form that is sent.
            token: Stands for TOKEN in the request.
            network: The address that it comes from, if not that of the recorded one.
        """
        request = json.loads(json.dumps(load(event)).replace("TOKEN", token))
        if fields is not None:
            request["body"] = base64.b64encode(urlencode(fields).encode()).decode()
        if network:
            request["requestContext"]["http"]["sourceIp"] = request["headers"]["x-forwarded-for"] = network
        answer = self.call(function, request)
        return int(answer["statusCode"])

    def upload(self, key: str, body: str) -> None:
        """Put a file of an editor into the bucket, and tell `publish`, as S3 does."""
        self.deployment.put(key, body.encode())
        event = load("publish/uploaded")["Records"][0]
        told = json.loads(event["body"])
        details = told["Records"][0]
        details["eventTime"] = self.clock.now().isoformat()
        details["s3"]["object"] |= {"key": key, "sequencer": f"{int(self.clock.now().timestamp() * 1000):024X}"}
        self._deliver_at(self.clock.now(), "PublishQueue", json.dumps(told), 1)

    def _collect(self) -> None:
        self._collect_messages()
        inbox = self.deployment.ses.simulator.inbox
        if len(inbox) > self._seen:
            fresh = list(itertools.islice(inbox.find(Filter()), len(inbox) - self._seen))
            self._seen = len(inbox)
            for message in reversed(fresh):
                self.on_mail(message, read(message))
        published = self.deployment.ses.publisher.published
        if len(self.deployment.ses.simulator.events) or published:
            self.deployment.ses.events()
            for topic, record in published:
                body = json.dumps({"Type": "Notification", "TopicArn": topic, "Message": record})
                self._deliver_at(self.clock.now() + SES_REPORTS_AFTER, "FeedbackQueue", body, 1)
            published.clear()

    # --- queues -------------------------------------------------------------------------------------------------------

    def _collect_messages(self) -> None:
        stored = get_backend("sqs")[DEFAULT_ACCOUNT_ID][REGION].queues
        for name, queue in self._queues.items():
            messages = stored[queue]._messages  # noqa: SLF001 - asking by the API would take a call for each queue
            while messages:
                message = messages.pop()
                due = datetime.fromtimestamp(message.delayed_until / 1000, UTC)
                self._deliver_at(max(due, self.clock.now()), name, message.body, 1)

    def _deliver_at(self, moment: datetime, queue: str, body: str, receives: int) -> None:
        if queue in WORK:
            self._busy_until = max(self._busy_until, moment + UNDER_WAY)
        self._handed_over += 1
        self._messages[queue].append((moment, body, receives))
        self.at(moment, lambda: self._deliver_due(queue))

    def _deliver_due(self, queue: str) -> None:
        """Hand over what is due in a queue, as many messages at once as the template says."""
        messages, now = self._messages[queue], self.clock.now()
        due = [each for each in messages if each[0] <= now][: self._batch_sizes[queue]]
        for each in due:
            messages.remove(each)
        if due:  # an earlier message may have taken this one along
            self._deliver(queue, [(body, receives) for _, body, receives in due])

    def _deliver(self, queue: str, messages: Sequence[tuple[str, int]]) -> None:
        event = load("greet/remind")
        [pattern] = event["Records"]
        event["Records"] = [
            {**pattern, "messageId": str(number), "body": body}
            | {"attributes": {**pattern["attributes"], "ApproximateReceiveCount": str(receives)}}
            for number, (body, receives) in enumerate(messages)
        ]
        answer = self.call(self._woken_by[queue], event)
        for failed in answer["batchItemFailures"]:
            body, receives = messages[int(failed["itemIdentifier"])]
            self.failures.append(f"{self.clock.now():%Y-%m-%d %H:%M} {queue}: {body}")
            if receives < MOST_RECEIVES:
                self._deliver_at(self.clock.now() + AGAIN_AFTER, queue, body, receives + 1)

    # --- clocks -------------------------------------------------------------------------------------------------------

    def _tick(self, clock: Clock, *, overdue: bool = False) -> None:
        now, before = self.clock.now(), self._traces() if overdue else ()
        self.ticks += 1
        if clock.queue:
            self._deliver(clock.queue, [(json.dumps(clock.message(now)), 1)])
        else:
            self.call("schedule", clock.message(now))
        if overdue and self._traces() != before:
            self.overslept.append(f"{now:%Y-%m-%d %H:%M} {clock.name}")
        following, rested = clock.next_after(now, self.zone), False
        if clock.daily is None and following > self._busy_until:
            mark, regular = self.marks(now), following
            following = max(regular, min(now + RESTING, mark))
            rested = regular < following < mark
            self.ticks_spared += (following - regular) // clock.every
        self.at(following, lambda: self._tick(clock, overdue=rested))

    def _traces(self) -> tuple[int, ...]:
        """Return how many mails, messages and versions of files there are: who looks and changes none found nothing."""
        buckets = get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"].buckets.values()
        versions = sum(len(bucket.keys.getlist(key)) for bucket in buckets for key in bucket.keys)
        return len(self.deployment.ses.simulator.inbox), self._handed_over, versions

    def _expire(self) -> None:
        """Delete what has expired.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
        """
        now = self.clock.now().timestamp()
        for name in TABLES:
            expiry = template()["Resources"][name]["Properties"].get("TimeToLiveSpecification")
            if expiry is None:
                continue
            table = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][REGION].tables[name]
            for item in table.all_items():
                at = item.attrs.get(expiry["AttributeName"])
                if at is not None and float(at.value) < now:
                    table.delete_item(item.hash_key, item.range_key)
        self.at(self.clock.now() + EXPIRES_EVERY, self._expire)


def _woken_by() -> dict[str, str]:
    """Return the function that each queue wakes, by the name of the queue's resource."""
    folders = _functions()
    return {queue: folders[mapping["FunctionName"]["Ref"]] for queue, mapping in _mappings().items()}


def _batch_sizes() -> dict[str, int]:
    """Return how many messages a function gets at once, by the name of the queue's resource."""
    return {queue: int(mapping["BatchSize"]) for queue, mapping in _mappings().items()}


def _mappings() -> dict[str, dict[str, Any]]:
    """Return how queues wake functions, by the name of the queue's resource."""
    return {
        resource["Properties"]["EventSourceArn"]["Fn::GetAtt"].removesuffix(".Arn"): resource["Properties"]
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
    }


def _functions() -> dict[str, str]:
    """Return the folder of each function, by the name of its resource."""
    return {
        name: resource["Properties"]["CodeUri"].rstrip("/").rpartition("/")[2]
        for name, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _handlers() -> dict[str, Callable[..., Any]]:
    return {name: importlib.import_module(f"functions.{name}.handler").lambda_handler for name in _functions().values()}


def _queues(deployment: Deployment) -> dict[str, str]:
    """Return the queues by the name of their resource."""
    return {
        "".join(word.capitalize() for word in name.split("_")) + "Queue": url.rpartition("/")[2]
        for name, url in deployment.queue_urls.items()
    }
