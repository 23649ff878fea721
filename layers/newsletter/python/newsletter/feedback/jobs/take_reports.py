"""Taking reports of SES out of their queue, so that none is lost whatever does not answer.

Reports are kept in a second place before the tables are asked, and stay in the queue until the tables have them. Only
what nobody can ever read is put aside, among the dead letters, at its first reception.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.errors import MalformedMessageError, NewsletterError, StoreBusyError
from newsletter.feedback.domain.feedback import FeedbackEvent
from newsletter.feedback.domain.queued_report import ENOUGH_FAILURES, QueuedReport
from newsletter.feedback.jobs.receive_feedback import Received, receive_feedback
from newsletter.feedback.queue_ports import TakingPorts


@dataclass
class Taken:
    """What came of the reports of one reception."""

    events: list[FeedbackEvent] = field(default_factory=list)
    """All that could be read."""
    again: list[QueuedReport] = field(default_factory=list)
    """Those that stay in the queue."""
    malformed: dict[str, str] = field(default_factory=dict)
    """Why a message could not be read, by its id."""
    errors: list[Exception] = field(default_factory=list)
    """What went wrong that has no word of ours."""
    archived: bool = True
    """Whether the second place took them."""
    sends: set[str] = field(default_factory=set)
    """The sends of ours that any of them was about."""
    unknown_sends: int = 0
    held: list[str] = field(default_factory=list)

    def add(self, received: Received) -> None:
        """Add what came of some of them."""
        self.sends.update(received.sends)
        self.unknown_sends += received.unknown_sends
        self.held += received.held


@dataclass(frozen=True, slots=True)
class _Read:
    """A report and its events."""

    report: QueuedReport
    events: tuple[FeedbackEvent, ...]


def take_reports(reports: Iterable[QueuedReport], *, ports: TakingPorts, now: datetime) -> Taken:
    """Record what can be recorded; what cannot stays in the queue, and waits longer each time."""
    taken = Taken()
    legible = _read(reports, taken, ports, now)
    taken.events = [event for each in legible for event in each.events]
    _record(legible, taken, ports, now)
    with suppress(StoreBusyError):  # else the queue's own time decides when they come back
        ports.queue.hide(taken.again)
    return taken


def _read(reports: Iterable[QueuedReport], taken: Taken, ports: TakingPorts, now: datetime) -> list[_Read]:
    """Return the reports that can be read; archive the new ones, and put aside what nobody can read."""
    legible: list[_Read] = []
    fresh: list[FeedbackEvent] = []
    for report in reports:
        try:
            replayed = ports.archive.replayed(report.body)
            events = ports.read(report.body, now=now) if replayed is None else replayed
        except MalformedMessageError as problem:
            taken.malformed[report.message_id] = str(problem)
            _put_aside(report, taken, ports)
        except StoreBusyError:
            taken.again.append(report)
        else:
            legible.append(_Read(report, tuple(events)))
            fresh += events if replayed is None else ()
    try:
        ports.archive.keep(fresh, now=now)
    except StoreBusyError:
        taken.archived = False  # the tables are tried nevertheless
    return legible


def _put_aside(report: QueuedReport, taken: Taken, ports: TakingPorts) -> None:
    try:
        ports.queue.put_aside(report)
    except StoreBusyError:
        taken.again.append(report)


def _record(legible: Sequence[_Read], taken: Taken, ports: TakingPorts, now: datetime) -> None:
    """Record all reports together; one that trips over a fault of ours keeps none of the others back."""
    try:
        _record_together(legible, taken, ports, now)
    except NewsletterError:
        taken.again += [each.report for each in legible]
    except Exception as exc:  # whatever it is, an event must not be lost for it, nor those beside it
        taken.errors.append(exc)
        _record_one_by_one(legible, taken, ports, now)


def _record_together(legible: Sequence[_Read], taken: Taken, ports: TakingPorts, now: datetime) -> None:
    events = [event for each in legible for event in each.events]
    received = receive_feedback(events, ports=ports.reception, now=now)
    taken.add(received)
    if received.failed:
        taken.again += [each.report for each in legible if not received.failed.isdisjoint(each.events)]


def _record_one_by_one(legible: Sequence[_Read], taken: Taken, ports: TakingPorts, now: datetime) -> None:
    failures = 0
    for each in legible:
        if failures == ENOUGH_FAILURES:
            taken.again.append(each.report)
            continue
        try:
            _record_together([each], taken, ports, now)
            failures = 0
        except Exception as exc:  # as above
            failures += 1
            taken.errors.append(exc)
            taken.again.append(each.report)
