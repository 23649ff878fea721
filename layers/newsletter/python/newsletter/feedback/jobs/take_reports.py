"""Taking reports of SES out of their queue, so that none is lost whatever does not answer.

Reports are kept in a second place before the tables are asked, and stay in the queue until the tables have them. Only
what nobody can ever read is put aside, among the dead letters, at its first reception. A message is one report, or
names a file with thousands, which stays where it is as long as the message is in the queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsletter.errors import MalformedMessageError, NewsletterError, StoreBusyError
from newsletter.feedback.domain.feedback import FeedbackEvent
from newsletter.feedback.domain.queued_report import ENOUGH_FAILURES, MOST_FILES, QueuedReport
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
    notifications: int = 0
    """Reports that came one by one."""
    files: int = 0
    """Files of events that were read."""
    stream_units: int = 0
    """What the stream was paid for the events of the files. Units: 5 KB."""
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
    """A report, or a file of them, and its events."""

    report: QueuedReport
    events: tuple[FeedbackEvent, ...]
    file_name: str = ""
    """The file they came in; empty if they did not."""
    problem: str = ""
    """Why something in the file could not be read."""
    replayed: bool = False
    """Whether they are from the second place."""


def take_reports(reports: Iterable[QueuedReport], *, ports: TakingPorts, now: datetime) -> Taken:
    """Record what can be recorded; what cannot stays in the queue, and waits longer each time."""
    taken = Taken()
    legible = _read(reports, taken, ports, now)
    taken.events = [event for each in legible for event in each.events]
    _record(legible, taken, ports, now)
    _remove_recorded(legible, taken, ports)
    with suppress(StoreBusyError):  # else the queue's own time decides when they come back
        ports.queue.hide(taken.again)
    return taken


def _read(reports: Iterable[QueuedReport], taken: Taken, ports: TakingPorts, now: datetime) -> list[_Read]:
    """Return the reports that can be read; archive the new ones, and put aside what nobody can read."""
    legible: list[_Read] = []
    files = 0
    for report in reports:
        try:
            file_name = ports.files.name_in(report.body)
            if file_name and files == MOST_FILES:
                taken.again.append(replace(report, put_off=True))
                continue
            files += bool(file_name)
            read = _of_file(file_name, report, taken, ports, now) if file_name else _of_message(report, ports, now)
            taken.notifications += not (file_name or read.replayed)
        except MalformedMessageError as problem:
            taken.malformed[report.message_id] = str(problem)
            _put_aside(report, taken, ports)
        except StoreBusyError:
            taken.again.append(report)
        else:
            legible.append(read)
            if read.problem:  # what could be read is recorded; the rest waits for somebody who looks into the file
                taken.malformed[report.message_id] = read.problem
                _put_aside(report, taken, ports)
    try:
        ports.archive.keep((event for each in legible if not each.replayed for event in each.events), now=now)
    except StoreBusyError:
        taken.archived = False  # the tables are tried nevertheless
    return legible


def _of_message(report: QueuedReport, ports: TakingPorts, now: datetime) -> _Read:
    replayed = ports.archive.replayed(report.body)
    events = ports.read(report.body, now=now) if replayed is None else replayed
    return _Read(report, tuple(events), replayed=replayed is not None)


def _of_file(file_name: str, report: QueuedReport, taken: Taken, ports: TakingPorts, now: datetime) -> _Read:
    file = ports.files.read(file_name, now=now)
    taken.files += 1
    taken.stream_units += file.stream_units
    return _Read(report, file.events, file_name, file.problem)


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


def _remove_recorded(legible: Sequence[_Read], taken: Taken, ports: TakingPorts) -> None:
    """Remove the files that are on record to the last event; they hold addresses."""
    again = {report.message_id for report in taken.again}
    for each in legible:
        if each.file_name and not each.problem and each.report.message_id not in again:
            with suppress(StoreBusyError):  # else the bucket deletes it, two weeks later
                ports.files.remove(each.file_name)
