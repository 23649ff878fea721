"""Ports of taking reports of SES out of their queue, and of the second place of evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.feedback.ports import ReceptionPorts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from newsletter.feedback.domain.feedback import FeedbackEvent
    from newsletter.feedback.domain.queued_report import QueuedReport


class EvidenceArchive(Protocol):
    """The second place of evidence, which stands when the tables do not answer."""

    def keep(self, events: Iterable[FeedbackEvent], *, now: datetime) -> None:
        """Write down what is worth keeping of these.

        Raises:
            StoreBusyError: Not everything was written.
        """
        ...

    def replayed(self, body: str) -> list[FeedbackEvent] | None:
        """Return the archived events that a message asks for; None if it is a report of SES itself.

        Raises:
            MalformedMessageError: It names nothing of this archive.
            StoreBusyError: The archive does not answer.
        """
        ...


class FeedbackQueue(Protocol):
    """The queue of SES's reports."""

    def put_aside(self, report: QueuedReport) -> None:
        """Put a copy of the message among the dead letters.

        Raises:
            StoreBusyError: It is not there.
        """
        ...

    def hide(self, reports: Sequence[QueuedReport]) -> None:
        """Keep messages out of sight for as long as each of them waits.

        Raises:
            StoreBusyError: They come back when the queue's own time is over.
        """
        ...


class ReadsReports(Protocol):
    """Reads the body of a report."""

    def __call__(self, body: str, *, now: datetime) -> list[FeedbackEvent]:
        """Return its events.

        Raises:
            MalformedMessageError: It is not a report of SES.
        """
        ...


@dataclass(frozen=True, slots=True)
class TakingPorts:
    """What taking reports touches."""

    queue: FeedbackQueue
    archive: EvidenceArchive
    read: ReadsReports
    reception: ReceptionPorts
