"""Counting what goes over the wire to AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

POLLING = frozenset({"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"})
"""What a benchmark does to a queue in the place of Lambda, which charges nothing to us for it but the requests."""


class Calls:
    """The calls of every boto3 client that is made while `counted` is open."""

    def __init__(self) -> None:
        self._by_service: Counter[str] = Counter()

    def note(self, model: Any, **_: Any) -> None:
        """Count one call, under the name of its service."""
        self._by_service[model.service_model.service_name] += model.name not in POLLING

    def take(self) -> dict[str, int]:
        """Return the calls since the last time, by service, and begin anew."""
        taken = dict(sorted(self._by_service.items()))
        self._by_service.clear()
        return taken


@contextmanager
def counted() -> Iterator[Calls]:
    """Count the calls of all clients made in here; boto3 copies the session's listeners into each."""
    calls = Calls()
    boto3.setup_default_session()
    session = boto3.DEFAULT_SESSION
    assert session is not None
    session.events.register("before-call", calls.note)
    try:
        yield calls
    finally:
        boto3.DEFAULT_SESSION = None
