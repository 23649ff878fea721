"""What happened, counted: for benchmarks and for tests that ask what SES saw."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

KEPT_SECONDS = 3600


class Stats:
    """Counts calls, recipients and events."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start again from nothing."""
        self._calls: Counter[str] = Counter()
        self._totals: Counter[str] = Counter()
        self._entries: Counter[str] = Counter()
        self._fates: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._events_published: Counter[str] = Counter()
        self._seconds: OrderedDict[int, Counter[str]] = OrderedDict()

    def call(self, operation: str) -> None:
        """Count a call that arrived."""
        self._calls[operation] += 1

    def count(self, name: str, by: int = 1) -> None:
        """Count something under one of the names in `describe`."""
        self._totals[name] += by

    def entry(self, status: str) -> None:
        """Count an entry of a bulk call by what it was told."""
        self._entries[status] += 1

    def accepted(self, operation: str, fates: Sequence[str], kind: str, at: float) -> None:
        """Count the recipients of an accepted message, in total and in their second."""
        recipients = len(fates)
        self._totals["accepted"] += recipients
        self._totals["messages"] += 1
        self._fates.update(fates)
        second = self._seconds.get(int(at))
        if second is None:
            second = self._seconds[int(at)] = Counter()
            while len(self._seconds) > KEPT_SECONDS:
                self._seconds.popitem(last=False)
        second["recipients"] += recipients
        second[operation] += recipients
        if kind:
            second[f"kind:{kind}"] += recipients

    def event_drawn(self, copies: int) -> None:
        """Count an event by how often it will arrive."""
        self._events["lost" if copies == 0 else "duplicated" if copies > 1 else "once"] += 1

    def event_published(self, kind: str) -> None:
        """Count an event on its way to a topic."""
        self._events_published[kind] += 1

    def events_failed(self, number: int) -> None:
        """Count events no topic would take."""
        self._events["failed"] += number

    def describe(self, *, events_waiting: int) -> dict[str, Any]:
        """Return everything counted.

        Units: `accepted` and `throttled` count recipients; `calls`, `throttled_calls`, `lost_answers` and `errors_5xx`
        count calls. `recipients_per_second` has one entry for each second in which anything was accepted.
        """
        totals = self._totals
        return {
            "calls": self._calls.total(),
            "calls_by_operation": dict(self._calls),
            "accepted": totals["accepted"],
            "messages": totals["messages"],
            "throttled": totals["throttled"],
            "throttled_calls": totals["throttled_calls"],
            "throttled_by_fault": totals["throttled_by_fault"],
            "quota_exceeded": totals["quota_exceeded"],
            "lost_answers": totals["lost_answers"],
            "errors_5xx": totals["errors_5xx"],
            "errors_5xx_accepted": totals["errors_5xx_accepted"],
            "refused_calls": totals["refused_calls"],
            "entries_by_status": dict(self._entries),
            "recipients_by_fate": dict(self._fates),
            "peak_recipients_per_second": max((each["recipients"] for each in self._seconds.values()), default=0),
            "recipients_per_second": [
                {"second": datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), **counted}
                for second, counted in self._seconds.items()
            ],
            "events": {
                "waiting": events_waiting,
                "lost": self._events["lost"],
                "duplicated": self._events["duplicated"],
                "failed": self._events["failed"],
                "published": dict(self._events_published),
            },
        }
