"""Counts what the clients of this environment ask of AWS, and writes it on the account of the send it was for.

It hangs on botocore's events, so no job and no store knows of it. Every attempt counts: each is billed.
Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from newsletter.errors import StoreBusyError
from newsletter.sending.domain.usage import (
    MESSAGES,
    OBJECT_READS,
    OBJECT_WRITES,
    READS,
    SECRETS,
    WRITES,
    Usage,
    invocation,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from newsletter.sending.ports import UsageStore

CAPACITY = "ReturnConsumedCapacity"
MB_IN_GB = 1024
READING = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
"""Operations of DynamoDB that use read units; all others use write units."""

REFUSED = "ConditionalCheckFailedException"
"""Billed like the write that it kept from happening, but the answer does not say how much."""

S3_READS = frozenset({"GetObject", "HeadObject"})
FREE = frozenset({"DeleteObject"})
"""S3 asks nothing for these."""

REQUESTS = {"sqs": MESSAGES, "secrets-manager": SECRETS}
"""Services that are billed by the request, whatever it is."""


class CallMeter:
    """Adds up until somebody takes the sum; several threads may make calls at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: Counter[str] = Counter()
        self._units: defaultdict[str, float] = defaultdict(float)
        self._guessed = 0
        self._served: Counter[str] = Counter()

    def watch(self, client: Any) -> Any:
        """Count what this client does from now on, and return it."""
        service = client.meta.service_model.service_id.hyphenize()
        events = client.meta.events
        events.register(f"before-send.{service}.*", self._attempted)
        if service == "dynamodb":
            events.register("provide-client-params.dynamodb.*", self._asked_for_units)
            events.register("after-call.dynamodb.*", self._answered)
        return client

    def use(self, units: Mapping[str, float]) -> None:
        """Count what is billed for the work at hand, though no call of ours asks for it."""
        with self._lock:
            for name, number in units.items():
                self._units[name] += number

    def serve(self, slug: str, record_count: int = 1) -> None:
        """Note that the work at hand is for this send; nothing is for none."""
        with self._lock:
            self._served[slug] += record_count

    def take(self) -> tuple[Usage, Mapping[str, int]]:
        """Return what was used since the last time, and how much of the work was for which send."""
        with self._lock:
            used = Usage(dict(self._calls), dict(self._units), self._guessed)
            served = dict(self._served)
            self._guessed = 0
            for each in (self._calls, self._units, self._served):
                each.clear()
        return used, served

    def _attempted(self, event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        unit = REQUESTS.get(service, "")
        if service == "s3" and operation not in FREE:
            unit = OBJECT_READS if operation in S3_READS else OBJECT_WRITES
        with self._lock:
            self._calls[f"{service} {operation}"] += 1
            if unit:
                self._units[unit] += 1

    def _asked_for_units(self, params: Mapping[str, Any], model: Any, **_: Any) -> Mapping[str, Any]:
        knows = model.input_shape is not None and CAPACITY in model.input_shape.members
        return {**params, CAPACITY: "TOTAL"} if knows else params

    def _answered(self, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        unit = READS if model.name in READING else WRITES
        said = parsed.get("ConsumedCapacity")
        if said is not None:
            with self._lock:
                self._units[unit] += sum(each["CapacityUnits"] for each in (said if isinstance(said, list) else [said]))
        elif "Error" not in parsed or parsed["Error"].get("Code") == REFUSED:
            with self._lock:
                self._units[unit] += max(1, *map(len, parsed.get("Responses", {}).values()), 0)
                self._guessed += 1


class Metering:
    """Around the work of an invocation: one write for each send that it worked for, and nearly always that is one."""

    def __init__(self, meter: CallMeter, usage: UsageStore, stopwatch: Callable[[], float]) -> None:
        self._meter = meter
        self._usage = usage
        self._seconds = stopwatch

    @contextmanager
    def of(self, function: str, event: Mapping[str, Any], lambda_context: LambdaContext) -> Iterator[None]:
        """Measure what happens within; who the work is for is said to the meter meanwhile.

        What was used for no send, or before the first invocation, goes along with the rest of its invocation.
        """
        began = self._seconds()
        yield
        gb_seconds = (self._seconds() - began) * int(lambda_context.memory_limit_in_mb) / MB_IN_GB
        records: Sequence[Any] = event.get("Records", ())
        used, served = self._meter.take()
        used += invocation(len(records), gb_seconds=gb_seconds)
        self._write(function, used, served)

    def _write(self, function: str, used: Usage, served: Mapping[str, int]) -> None:
        everything = sum(served.values())
        for slug, records in served.items():
            if not slug:
                continue
            try:
                self._usage.add(slug, function, used.part(records / everything))
            except StoreBusyError:
                # The work is done, and a receipt that is a little too low is better than doing it again.
                return
