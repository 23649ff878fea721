"""What the jobs of this wing need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.core.ports import T
from newsletter.feedback.ports import EngagementStore, EvidenceLog
from newsletter.issues.ports import ContentStore, IssueStore
from newsletter.sending.ports import DueReports, SendingAccount, SendStore, UsageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from newsletter.readers.domain.suppression import Suppression
    from newsletter.reports.domain.census import Standing


class ListCensus(Protocol):
    """The whole list at once, for counting; nobody can be told apart in it."""

    def standings(self, count: Callable[[Iterator[Standing]], T]) -> list[T]:
        """Count every record once, in several parts side by side and in bounded memory; return the count of each."""
        ...

    def suppressions(self) -> Iterator[Suppression]:
        """Yield every suppression."""
        ...


class ReportLinks(Protocol):
    """Makes the links to the reports."""

    def to_report(self, name: str, *, now: datetime) -> str: ...
    def to_growth(self, *, now: datetime) -> str: ...


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
    engagement: EngagementStore | None = None
    """None where opens and clicks are not measured."""
