"""What somebody looks over before they approve an issue: to how many, when, what it costs, and who has to say yes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsletter.control.desk.request import DeskRequest
from newsletter.control.desk.today import time_until
from newsletter.core.audience.expression import AudienceExpression
from newsletter.core.audience.part_of_list import PartOfList
from newsletter.core.figures import in_dollars
from newsletter.core.slot import Rhythm, in_words
from newsletter.core.team import Approval, Editor
from newsletter.desk.domain.decision import Verb, last_decision
from newsletter.desk.domain.decision_words import local_time
from newsletter.desk.domain.four_eyes import may_approve
from newsletter.desk.domain.issue_description import IssueDescription
from newsletter.desk.domain.stage import BEFORE_THE_SEND, Stage
from newsletter.errors import MissingRenderingError
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.send_time import goes_out
from newsletter.issues.writing.file_notes import described as file_in_words
from newsletter.readers.look_at_audience import count_part
from newsletter.sending.domain.forecast import fees


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the list."""

    label: str
    words: str
    lines: tuple[str, ...] = ()
    """One by one, where there are several things to look at."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The list, and what the button to approve promises."""

    items: tuple[CheckItem, ...] = ()
    approve_words: str = ""
    """Empty where the usual words do."""


def checklist(
    request: DeskRequest, described: IssueDescription, *, rhythm: Rhythm, team: Sequence[Editor], open_comments: int
) -> Checklist:
    """Return what to look over; nothing once the issue has gone out."""
    record = described.record
    if record is None or described.stage not in BEFORE_THE_SEND:
        return Checklist()
    mailed = record.send is not SendPolicy.NEVER
    slot = _slot(record, request, rhythm) if mailed and record.status is IssueStatus.READY else None
    readers = _about_readers(record, slot or request.now, request, rhythm) if mailed else ()
    items = [*readers, _when(record, slot, rhythm, request.now)]
    items.extend(_about_files(record, request))
    items.append(_checks(record, request))
    if open_comments:
        say = "One comment is still open." if open_comments == 1 else f"{open_comments} comments are still open."
        items.append(CheckItem("Comments", say))
    items.append(_approval(record, described, request, rhythm, team))
    return Checklist(tuple(items), _approve_words(record, slot, rhythm, request.now))


def _slot(record: IssueRecord, request: DeskRequest, rhythm: Rhythm) -> datetime:
    ready = request.app.issues.with_status(IssueStatus.READY)
    return goes_out(record, ready, rhythm, now=request.now).astimezone(rhythm.time_zone)


def _about_part(goes_to: PartOfList, expression: AudienceExpression, request: DeskRequest) -> tuple[CheckItem, ...]:
    look = count_part(request.app.subscribers, expression)
    about = "about " if look.is_estimate else ""
    say = f"{about}{look.readers:,} of {look.everybody:,}, counted at this moment: {goes_to.in_words}."
    left_out = "Readers who have paused, or muted its topics, are left out."
    return (
        CheckItem("Goes to", f"{say[:1].upper()}{say[1:]} {left_out}"),
        CheckItem("Costs", _costs(*fees(look.readers))),
    )


def _about_readers(record: IssueRecord, slot: datetime, request: DeskRequest, rhythm: Rhythm) -> tuple[CheckItem, ...]:
    goes_to = request.app.readers_of(record, max(slot, request.now))
    if expression := goes_to.expression:
        return _about_part(goes_to, expression, request)
    counted = request.app.audience_count.last()
    if counted is None:
        return (CheckItem("Goes to", "Nobody has counted the readers yet; that happens once a day."),)
    count, at = counted
    day = at.astimezone(rhythm.time_zone)
    readers = "One reader" if count == 1 else f"{count:,} readers"
    when = f"counted on {day:%A} {day.day} {day:%B}"
    return (
        CheckItem("Goes to", f"{readers}, as {when}. Readers who have paused, or muted its topics, are left out."),
        CheckItem("Costs", _costs(*fees(count))),
    )


def _costs(ses_fee: float, own_fee: float) -> str:
    words = f"{in_dollars(ses_fee)} for the emails, and {in_dollars(own_fee)} for the rest."
    return f"About {words}" if words[:1].isdigit() else f"{words[:1].upper()}{words[1:]}"


def _when(record: IssueRecord, slot: datetime | None, rhythm: Rhythm, now: datetime) -> CheckItem:
    if record.send is SendPolicy.NEVER:
        return CheckItem("When", f"Nobody is emailed. Its page is public from {in_words(rhythm.moment(record.date))}.")
    if slot is None:
        return CheckItem("When", "Not yet: it is a draft.")
    if _goes_at_once(record, rhythm, now):
        return CheckItem("When", "At once.")
    if _missed(slot, rhythm, now):
        return CheckItem(
            "When", f"{in_words(slot)} ({rhythm.time_zone.key}). That is too long ago: it needs another hour."
        )
    if slot <= now:
        return CheckItem("When", f"{in_words(slot)} ({rhythm.time_zone.key}). That is over: at once.")
    return CheckItem("When", f"{in_words(slot)} ({rhythm.time_zone.key}), {time_until(slot, now)}.")


def _missed(slot: datetime, rhythm: Rhythm, now: datetime) -> bool:
    """Return whether this moment is so long ago that the issue does not go out any more."""
    return slot.astimezone(UTC) + rhythm.late_after < now


def _goes_at_once(record: IssueRecord, rhythm: Rhythm, now: datetime) -> bool:
    return record.send is SendPolicy.NOW and record.date <= rhythm.local_date(now)


def _about_files(record: IssueRecord, request: DeskRequest) -> tuple[CheckItem, ...]:
    try:
        rendered = request.app.content.rendered(record.slug, record.content_hash)
    except MissingRenderingError as missing:
        said = str(missing)
        return (CheckItem("Cannot go out", f"{said[:1].upper()}{said[1:]}."),)
    files = tuple(file_in_words(each) for each in rendered.files)
    say = "One file goes with it." if len(files) == 1 else f"{len(files)} files."
    return (CheckItem("Files", say, files),) if files else ()


def _checks(record: IssueRecord, request: DeskRequest) -> CheckItem:
    errors, warnings = record.preflight.get("errors", 0), record.preflight.get("warnings", 0)
    found = "No mistakes" if not errors else "One mistake" if errors == 1 else f"{errors} mistakes"
    more = f", {'one thing' if warnings == 1 else f'{warnings} things'} to look at" if warnings else ""
    lines = tuple(_findings(record.slug, request)) if errors or warnings else ()
    return CheckItem("Checks", f"{found}{more}.", lines)


def _findings(slug: str, request: DeskRequest) -> list[str]:
    written = request.app.content.read(f"issues/{slug}.preflight.json")
    said = json.loads(written) if written else {}
    found = [*said.get("errors", ()), *said.get("warnings", ())]
    return [(f"Line {each['line']}: " if each.get("line") else "") + each["message"] for each in found]


def _approval(
    record: IssueRecord, described: IssueDescription, request: DeskRequest, rhythm: Rhythm, team: Sequence[Editor]
) -> CheckItem:
    approval = request.app.settings.require_approval
    if approval is Approval.OFF:
        return CheckItem("Approval", "None is needed: it goes out by itself.")
    if record.approved == record.content_hash:
        noted = last_decision(record, Verb.APPROVE, record.content_hash)
        by = f" by {noted.label or 'an editor'}, {local_time(noted.moment, rhythm.time_zone)}" if noted else ""
        return CheckItem("Approval", f"Approved{by}.")
    if Verb.APPROVE in described.verbs:
        return CheckItem("Approval", "Nobody has approved this version yet. It is your turn.")
    may = [
        each.label
        for each in team
        if each.approves and may_approve(each, record.uploaded_by, approval=approval, team=team)
    ]
    if not may:
        return CheckItem("Approval", "Nobody has approved it, and nobody here may: an owner can add an approver.")
    names = may[0] if len(may) == 1 else f"{', '.join(may[:-1])} or {may[-1]}"
    if described.stage is Stage.DRAFT or record.preflight.get("errors"):
        return CheckItem("Approval", f"Nobody yet. {names} can approve it once it is ready.")
    return CheckItem("Approval", f"Nobody has approved this version yet. It is the turn of {names}.")


def _approve_words(record: IssueRecord, slot: datetime | None, rhythm: Rhythm, now: datetime) -> str:
    if record.send is SendPolicy.NEVER:
        return "Approve for the archive"
    if slot is None or _missed(slot, rhythm, now):
        return ""
    if record.send is SendPolicy.NOW or slot <= now:
        return "Approve, to go out at once"
    return f"Approve for {slot:%A} {slot.day} {slot:%B, %H:%M}"
