"""Writes on the account of a send what an invocation used while it worked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from newsletter.errors import StoreBusyError
from newsletter.sending.adapters.call_meter import CallMeter
from newsletter.sending.domain.usage import Usage, invocation
from newsletter.sending.ports import UsageStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MB_IN_GB = 1024


class Metering:
    """Around the work of an invocation: one write for each send that it worked for, and nearly always that is one."""

    def __init__(self, meter: CallMeter, usage: UsageStore, stopwatch: Callable[[], float]) -> None:
        self._meter = meter
        self._usage = usage
        self._seconds = stopwatch

    @contextmanager
    def of(
        self, function: str, event: Mapping[str, Any], lambda_context: LambdaContext, *, reported_by_sns: bool = False
    ) -> Iterator[None]:
        """Measure what happens within; who the work is for is said to the meter meanwhile.

        What was used for no send, or before the first invocation, goes along with the rest of its invocation.
        """
        began = self._seconds()
        yield
        gb_seconds = (self._seconds() - began) * int(lambda_context.memory_limit_in_mb) / MB_IN_GB
        records: Sequence[Any] = event.get("Records", ())
        used, served = self._meter.take()
        used += invocation(len(records), gb_seconds=gb_seconds, reported_by_sns=reported_by_sns)
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
