"""Counting what goes over the wire to AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from threading import get_ident
from time import perf_counter, sleep
from typing import Any

POLLING = frozenset({"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"})
"""What a benchmark does to a queue in the place of Lambda, which charges nothing to us for it but the requests."""


class Calls:
    """The calls of every client that was made by what `counting` returned."""

    def __init__(self) -> None:
        self._by_service: Counter[str] = Counter()
        self._asker = get_ident()
        self._in_a_row = 0

    def note(self, model: Any, **_: Any) -> None:
        """Count one call, under the name of its service."""
        self._by_service[self._name_of(model)] += model.name not in POLLING
        self._in_a_row += get_ident() == self._asker

    def take_in_a_row(self) -> int:
        """Return how many calls the thread that counts has made since the last time: one after the other.

        What other threads do beside it adds nothing, as long as none makes more calls than it in the same time.
        """
        taken, self._in_a_row = self._in_a_row, 0
        return taken

    def _name_of(self, model: Any) -> str:
        return str(model.service_model.service_name)

    def take(self) -> dict[str, int]:
        """Return the calls since the last time, by name, and begin anew."""
        taken = dict(sorted(self._by_service.items()))
        self._by_service.clear()
        return taken

    def counting(self, make_client: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same way to make clients, each of which is counted."""

        def make(*given: Any, **named: Any) -> Any:
            client = make_client(*given, **named)
            client.meta.events.register("before-call", self.note)
            return client

        return make


class WaitingCalls(Calls):
    """Lets each call take as long as AWS takes, at least."""

    def __init__(self, latency: Mapping[str, float]) -> None:
        """Take the seconds until an answer, by service; a service without any answers at once."""
        super().__init__()
        self._latency = latency

    def note(self, model: Any, context: Any = None, **named: Any) -> None:
        """Count one call, and remember when it was made."""
        super().note(model, **named)
        context["asked_at"] = perf_counter()

    def wait(self, model: Any, context: Any, **_: Any) -> None:
        """Hold an answer back until AWS would have given it."""
        seconds = self._latency.get(self._name_of(model), 0.0)
        sleep(max(0.0, seconds - (perf_counter() - context["asked_at"])))

    def counting(self, make_client: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same way to make clients, each of which is counted, and waits."""
        counted = super().counting(make_client)

        def make(*given: Any, **named: Any) -> Any:
            client = counted(*given, **named)
            client.meta.events.register("after-call", self.wait)
            return client

        return make


class Operations(Calls):
    """The same by operation, such as `s3.PutObject`: a write costs more than a read."""

    def _name_of(self, model: Any) -> str:
        return f"{super()._name_of(model)}.{model.name}"
