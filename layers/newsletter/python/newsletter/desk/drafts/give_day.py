"""Giving an issue another day: the date at the top of its file is written anew, with all that follows an upload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from newsletter.core.slot import Rhythm
from newsletter.desk.draft_ports import WritePorts
from newsletter.desk.drafts.draft import Draft, NewVersion
from newsletter.desk.drafts.issue_fields import joined, split, values_of, with_values
from newsletter.desk.drafts.save_draft import TRIES
from newsletter.errors import InvalidDayError, InvalidRequestError, StoreBusyError
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.send_time import expected_slots
from newsletter.issues.writing.written_dates import looks_like_hour

if TYPE_CHECKING:
    from newsletter.issues.domain.issue_record import IssueRecord

BEFORE_IT_GOES = (IssueStatus.READY, IssueStatus.DRAFT)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What it would mean to give an issue this day."""

    slug: str
    title: str
    day: date
    version: str
    """Of its upload; empty for one that was not handed in yet."""
    goes_now: datetime | None
    """When it is expected to go out without this change: a slot, or an hour of its own."""
    approval_ends: bool
    """Whether somebody has approved it as it stands: with another date it is another content."""
    others: tuple[tuple[str, datetime], ...] = ()
    """Issues that move because of it: their titles, and when they go then."""


def plan_day(slug: str, day: date, *, holder: str | None, ports: WritePorts, rhythm: Rhythm, now: datetime) -> DayPlan:
    """Return what it would mean to give an issue this day; nothing is changed.

    Args:
        slug: The issue, or a draft that was not handed in yet.
        day: The local date.
        holder: The issue to which this slot was given for good, if it was.
        ports: What writing touches.
        rhythm: When issues go out, with what people decided about single days.
        now: The moment.

    Raises:
        InvalidDayError: Nothing can go out then, or another issue does.
        InvalidRequestError: There is no such issue, or it has gone out.
    """
    record, draft = ports.issues.get(slug), ports.drafts.newest(slug)
    upload = ports.content.newest(f"issues/{slug}.md")
    if record is None and draft is None:
        raise InvalidRequestError("there is no such issue any more")
    if record is not None and record.status not in BEFORE_IT_GOES:
        raise InvalidRequestError("this issue has gone out, or is on its way; its day stands")
    ready = ports.issues.with_status(IssueStatus.READY)
    expected = expected_slots(ready, rhythm, now=now)
    _check(slug, day, holder, {each.slug: each for each in ready}, expected, rhythm, now)
    title = record.title if record else values_of(split(draft.text)[0]).get("title", slug) if draft else slug
    return DayPlan(
        slug,
        title,
        day,
        upload.version if upload else "",
        expected.get(slug) or (record.goes_at(rhythm.time_zone) if record else None),
        bool(record and record.approved and record.approved == record.content_hash),
        _others(slug, day, ready, expected, rhythm, now),
    )


def give_day(day_plan: DayPlan, *, uploaded_by: str, saved_by: str, ports: WritePorts) -> None:
    """Write the date into the upload that the plan was made for, and into the draft.

    Raises:
        InvalidRequestError: Somebody uploaded the issue since.
        StoreBusyError: Others saved the draft at the same moments; the upload has its date.
    """
    handed_in = ""
    if day_plan.version:
        body = ports.content.version(f"issues/{day_plan.slug}.md", day_plan.version) or b""
        dated = _dated(body.decode("utf-8-sig", errors="replace"), day_plan.day)
        written = ports.drafts.hand_over(day_plan.slug, dated, uploaded_by=uploaded_by, upload_version=day_plan.version)
        if written is None:
            raise InvalidRequestError("somebody uploaded this issue since you looked at it; look again, then decide")
        handed_in = written
    for _ in range(TRIES):
        draft = ports.drafts.newest(day_plan.slug)
        if draft is None or ports.drafts.write(_of_draft(draft, day_plan, handed_in, saved_by), over=draft) is not None:
            return
    raise StoreBusyError("others saved this draft at the same moments; give it its day once more")


def _check(
    slug: str,
    day: date,
    holder: str | None,
    ready: Mapping[str, IssueRecord],
    expected: Mapping[str, datetime],
    rhythm: Rhythm,
    now: datetime,
) -> None:
    said = f"{day:%A} {day.day} {day:%B %Y}"
    if rhythm.moment(day) <= now:
        raise InvalidDayError(f"{said} is over; choose a day to come")
    if day in rhythm.calendar.skipped and not rhythm.is_slot(day):
        raise InvalidDayError(f"{said} is skipped; take that back first, or choose another day")
    if not rhythm.is_slot(day):
        raise InvalidDayError(f"nothing goes out on {said}; choose a day of the calendar, or add this one to it")
    if holder and holder != slug:
        raise InvalidDayError(f"the issue {holder} goes out on {said}; choose another day")
    taken = next((each for each, slot in expected.items() if each != slug and rhythm.day_of(slot) == day), None)
    if taken is not None:
        raise InvalidDayError(f"“{ready[taken].title}” goes out on {said}; give that one another day first")


def _others(
    slug: str,
    day: date,
    ready: Sequence[IssueRecord],
    expected: Mapping[str, datetime],
    rhythm: Rhythm,
    now: datetime,
) -> tuple[tuple[str, datetime], ...]:
    moved = [_given(each, day) if each.slug == slug else each for each in ready]
    then = expected_slots(sorted(moved, key=lambda each: (each.date, each.slug)), rhythm, now=now)
    return tuple(
        (each.title, then[each.slug])
        for each in ready
        if each.slug != slug and each.slug in then and then[each.slug] != expected.get(each.slug)
    )


def _given(record: IssueRecord, day: date) -> IssueRecord:
    send = SendPolicy.SCHEDULED if record.send is SendPolicy.AT else record.send
    return replace(record, date=day, send=send, send_at=None)


def _dated(text: str, day: date) -> str:
    """Return the file with another day; an hour of its own gives way to the slot of that day."""
    front_matter, body = split(text)
    at_hour = looks_like_hour(values_of(front_matter).get("send", ""))
    return joined(with_values(front_matter, {"date": day.isoformat()} | ({"send": ""} if at_hour else {})), body)


def _of_draft(draft: Draft, day_plan: DayPlan, handed_in: str, saved_by: str) -> NewVersion:
    # One that began from another upload than this goes on from there: handing it in puts both together.
    goes_on = handed_in if handed_in and draft.upload_version == day_plan.version else draft.upload_version
    text = _dated(draft.text, day_plan.day)
    return NewVersion(draft.slug, text, saved_by, upload_version=goes_on, saves=draft.saves, hands=(saved_by,))
