"""Ports of taking reports of SES out of their queue and out of files, and of the second place of evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.feedback.ports import ReceptionPorts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from newsletter.feedback.domain.event_file import EventFile
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


class EventFiles(Protocol):
    """Files of events that a stream wrote; the queue holds their names."""

    def name_in(self, body: str) -> str:
        """Return the file that a message names; empty if it is a report itself.

        Raises:
            MalformedMessageError: It names something else.
        """
        ...

    def read(self, name: str, *, now: datetime) -> EventFile:
        """Return what a file holds; nothing if it is gone.

        Raises:
            StoreBusyError: The files do not answer.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a file that is recorded.

        Raises:
            StoreBusyError: It is still there, and will be deleted some day without us.
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
    files: EventFiles
    archive: EvidenceArchive
    read: ReadsReports
    reception: ReceptionPorts
