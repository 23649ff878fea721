"""What the jobs of this wing need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.core.ports import T
from newsletter.feedback.ports import AccountPorts, AccountWatch, EngagementStore, EvidenceLog, ReconcilePorts
from newsletter.feedback.response_ports import ResponseStore
from newsletter.issues.ports import ContentStore, IssueStore
from newsletter.readers.ports import Audience, ConfirmationHoldStore
from newsletter.sending.ports import AudienceCount, DueReports, SendStore, UsageStore
from newsletter.sending.ses_ports import SendingAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from newsletter.feedback.domain.reconciliation import Reconciliation
    from newsletter.readers.domain.suppression import Suppression
    from newsletter.reports.domain.census import RecordFacts
    from newsletter.reports.domain.metrics import Metric


class ListCensus(Protocol):
    """The whole list at once, for counting; nobody can be told apart in it."""

    def count_in_parts(self, count_part: Callable[[Iterator[RecordFacts]], T]) -> list[T]:
        """Count every record once, in several parts side by side and in bounded memory; return the count of each."""
        ...

    def suppressions(self) -> Iterator[Suppression]:
        """Yield every suppression."""
        ...


class ReportLinks(Protocol):
    """Makes the links to the reports."""

    def to_report(self, name: str, *, now: datetime) -> str: ...
    def to_growth(self, *, now: datetime) -> str: ...


class MetricLog(Protocol):
    """Writes our own numbers down."""

    def emit(self, metrics: Mapping[Metric, float]) -> None: ...


class FailedWork(Protocol):
    """What failed for good, in all queues."""

    def count(self) -> int: ...


class SignOfLife(Protocol):
    """An alarm rings when it is not given for a while."""

    def all_well(self) -> None:
        """Say that a look went through and found nothing."""
        ...


class ComparisonQueue(Protocol):
    """Messages to whoever compares suppressions."""

    def reconcile(self, so_far: Reconciliation) -> None:
        """Ask for the comparison of suppressions to go on."""
        ...


@dataclass(frozen=True, slots=True)
class MeasurePorts:
    """What metrics are made of, and where they go."""

    metrics: MetricLog
    dead_letters: FailedWork
    confirmation_holds: Collection[ConfirmationHoldStore]
    account: SendingAccount
    audience: Audience
    audience_count: AudienceCount
    watching: AccountPorts
    unstarted: Callable[[datetime], Collection[datetime]]
    """Slots, and own hours of issues, that passed without a send."""
    sign_of_life: SignOfLife


@dataclass(frozen=True, slots=True)
class ComparisonPorts:
    """What the nightly comparison of suppressions touches, from its first part to its last."""

    reconciling: ReconcilePorts
    queue: ComparisonQueue
    watch: AccountWatch
    metrics: MetricLog


@dataclass(frozen=True, slots=True)
class ReportPorts:
    """What a report is made of, and where it goes."""

    sends: SendStore
    evidence: EvidenceLog
    usage: UsageStore
    due_reports: DueReports
    issues: IssueStore
    census: ListCensus
    content: ContentStore
    account: SendingAccount
    links: ReportLinks
    editors: Editors
    metrics: MetricLog
    responses: ResponseStore
    engagement: EngagementStore | None = None
    """None where opens and clicks are not measured."""
