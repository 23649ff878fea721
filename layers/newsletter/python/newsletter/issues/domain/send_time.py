"""The time at which an issue will go out, said before it does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from newsletter.core.slot import Rhythm, in_words
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord, Wait


def goes_out(record: IssueRecord, ready: Iterable[IssueRecord], rhythm: Rhythm, *, now: datetime) -> datetime:
    """Return when this issue goes out when nothing changes: at its own hour, or in the slot that it is expected in.

    Args:
        record: The issue.
        ready: All ready issues, oldest first.
        rhythm: When slots are.
        now: The present.
    """
    return record.goes_at(rhythm.time_zone) or expected_slot(record, ready, rhythm, now=now)


def expected_hours(ready: Iterable[IssueRecord], rhythm: Rhythm) -> dict[str, datetime]:
    """Return when those ready issues go out that have an hour of their own, by slug."""
    hours = {each.slug: each.goes_at(rhythm.time_zone) for each in ready}
    return {slug: moment for slug, moment in hours.items() if moment is not None}


def expected_slot(record: IssueRecord, ready: Iterable[IssueRecord], rhythm: Rhythm, *, now: datetime) -> datetime:
    """Return the slot of this issue when nothing changes: one issue a slot, the oldest first, the held ones passed by.

    Args:
        record: The issue.
        ready: All ready issues, oldest first; whether this one is among them does not matter.
        rhythm: When slots are.
        now: The present.
    """
    ahead = [each for each in ready if (each.date, each.slug) < (record.date, record.slug) and _in_the_queue(each)]
    return _slots([*ahead, record], rhythm, now)[record.slug]


def expected_slots(ready: Iterable[IssueRecord], rhythm: Rhythm, *, now: datetime) -> dict[str, datetime]:
    """Return the slot of each ready issue that waits for one, by its slug, when nothing changes.

    Args:
        ready: All ready issues, oldest first.
        rhythm: When slots are.
        now: The present.
    """
    return _slots([each for each in ready if _in_the_queue(each)], rhythm, now)


def _in_the_queue(record: IssueRecord) -> bool:
    return record.send in (SendPolicy.SCHEDULED, SendPolicy.NOW) and not record.held


def _slots(queue: Iterable[IssueRecord], rhythm: Rhythm, now: datetime) -> dict[str, datetime]:
    given: dict[str, datetime] = {}
    for each in queue:
        earliest = rhythm.moment(each.date).astimezone(UTC)  # in local time, a second before it may not exist
        slots = rhythm.slots_after(max(now, earliest - timedelta(seconds=1)))
        given[each.slug] = next(slot for slot in slots if slot not in given.values())
    return given


def send_time_sentence(
    record: IssueRecord, ready: Iterable[IssueRecord], rhythm: Rhythm, *, needs_approval: bool, now: datetime
) -> str:
    """Return in a sentence or two when this issue goes out."""
    if record.status in LOCKED and record.cleared != record.content_hash:
        return (
            "This is a correction. The page and the feeds show it once somebody approves it; nobody is emailed again."
        )
    if record.status in LOCKED:
        return "Nobody is emailed again. This corrects the page in the archive and the feeds."
    if record.status is IssueStatus.DRAFT:
        return "This is a draft, and does not go out. When it may, write “status: ready” at the top of its file."
    if record.send is SendPolicy.NEVER:
        day = rhythm.moment(record.date)
        when = f"It is for the archive only, and nobody is emailed. It is public from {in_words(day)}"
        match record.waits_for(needs_approval=needs_approval):
            case Wait.RELEASE:
                return f"{when}, once somebody has released it."
            case Wait.APPROVAL:
                return f"{when}, once somebody has approved this version."
            case None:
                return f"{when}."
    at_once = record.send is SendPolicy.NOW and record.date <= rhythm.local_date(now)
    moment = goes_out(record, ready, rhythm, now=now).astimezone(rhythm.time_zone)
    when = f"on {in_words(moment)} ({rhythm.time_zone.key})"
    if moment <= now:
        return _about_an_hour_that_is_over(record, when, moment, rhythm, needs_approval=needs_approval, now=now)
    match record.waits_for(needs_approval=needs_approval):
        case Wait.RELEASE:
            return "It is on hold, and does not go out until somebody releases it."
        case Wait.APPROVAL if at_once:
            return "It is waiting for approval, and goes out as soon as somebody approves this version."
        case Wait.APPROVAL:
            return f"It is waiting for approval. It goes out {when}, if somebody has approved this version by then."
        case None if at_once and record.leaves_at is not None and record.leaves_at > now:
            leaves_at = record.leaves_at.astimezone(rhythm.time_zone)
            return f"It goes out at {leaves_at:%H:%M} ({rhythm.time_zone.key}), unless somebody puts it on hold first."
        case None:
            return "It goes out at once." if at_once else f"It goes out {when}."


def _about_an_hour_that_is_over(
    record: IssueRecord, when: str, moment: datetime, rhythm: Rhythm, *, needs_approval: bool, now: datetime
) -> str:
    over = f"It was to go out {when}, and that is over"
    latest = moment.astimezone(UTC) + rhythm.late_after
    if now > latest:
        return f"{over} for too long. To send it after all, give it another hour in “send”, or write “send: now”."
    until = f"until {in_words(latest.astimezone(rhythm.time_zone))}"
    match record.waits_for(needs_approval=needs_approval):
        case Wait.RELEASE:
            return f"{over}. It is on hold. Released {until}, it goes out at once."
        case Wait.APPROVAL:
            return f"{over}. It is waiting for approval. Approved {until}, it goes out at once."
        case None:
            return f"{over}. It goes out in a moment."
