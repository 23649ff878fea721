"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from newsletter.readers.domain.suppression import Suppression
from newsletter.reports.domain.census import RecordFacts
from newsletter.reports.domain.metrics import Metric
from newsletter.reports.domain.retention_run import RetentionRun
from tests.core.fakes import T
from tests.readers.fakes import MemorySubscribers, MemorySuppressions


class MemoryCensus:
    """The list and the suppressions, for counting; in two parts, so that adding them up is tested too."""

    def __init__(self, subscribers: MemorySubscribers, suppressed: MemorySuppressions) -> None:
        self.subscribers = subscribers
        self.suppressed = suppressed

    def count_in_parts(self, count_part: Callable[[Iterator[RecordFacts]], T]) -> list[T]:
        everybody = [
            RecordFacts(
                status=each.status, suppressed=each.suppressed, confirmed_at=each.confirmed_at, left_at=each.left_at,
                left_because=each.left_because, moved_to=each.moved_to,
                page=each.consent.page if each.consent else "",
                moved_from_another=each.consent is not None and each.consent.page == "preferences",
                tags=tuple(sorted(each.tags)),
            )
            for each in self.subscribers.by_id.values()
        ]  # fmt: skip
        return [count_part(iter(everybody[::2])), count_part(iter(everybody[1::2]))]

    def suppressions(self) -> Iterator[Suppression]:
        yield from self.suppressed.by_id.values()


class PlainReportLinks:
    """Links that say what they are for."""

    def to_report(self, name: str, *, now: datetime) -> str:  # noqa: ARG002 - nothing expires here
        return f"https://b.example.org/report/{name}"

    def to_growth(self, *, now: datetime) -> str:  # noqa: ARG002
        return "https://b.example.org/report/growth"


class MemoryRetentionLog:
    """What the last nightly forgetting did."""

    def __init__(self) -> None:
        self.kept: tuple[datetime, RetentionRun] | None = None

    def keep(self, run: RetentionRun, *, now: datetime) -> None:
        self.kept = (now, run)

    def last(self) -> tuple[datetime, RetentionRun] | None:
        return self.kept


class MemoryMetrics:
    """What was given to CloudWatch."""

    def __init__(self) -> None:
        self.emitted: list[dict[Metric, float]] = []

    def emit(self, metrics: Mapping[Metric, float]) -> None:
        self.emitted.append(dict(metrics))
