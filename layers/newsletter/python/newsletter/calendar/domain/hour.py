"""What is decided at the hour that an issue names for itself: whether it goes out, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from newsletter.calendar.domain.choice import waits_for
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord

BEFORE_THE_SEND = (IssueStatus.READY, IssueStatus.DRAFT)
"""Of an issue with its own hour: what still can go out at it, and what somebody meant to."""


class HourVerdict(StrEnum):
    """Whether an issue goes out at its hour, and if not, why; logged."""

    NO_HOUR = "no_hour"
    """It has none any more: it was moved, withdrawn, or its send is over."""
    NOT_YET = "not_yet"
    TOO_LATE = "too_late"
    """So long ago that the readers would not expect it any more."""
    WAITS = "waits"
    """For a person: it is a draft, on hold, or not approved."""
    SEND = "send"
    """It goes, or its send has begun."""


@dataclass(frozen=True, slots=True)
class HourRules:
    """What holds for every issue with an hour of its own."""

    zone: ZoneInfo
    """The newsletter's time zone."""
    late_after: timedelta
    """How long after its hour an issue may still go out."""
    needs_approval: bool
    """Whether only approved content is sent."""


def judge_hour(record: IssueRecord | None, rules: HourRules, *, now: datetime) -> HourVerdict:
    """Return whether this issue goes out now, as it stands."""
    moment = record.goes_at(rules.zone) if record is not None else None
    if record is None or record.withdrawn or moment is None:
        return HourVerdict.NO_HOUR
    if record.status not in BEFORE_THE_SEND:
        return HourVerdict.SEND if record.status is IssueStatus.SENDING else HourVerdict.NO_HOUR
    if now < moment:
        return HourVerdict.NOT_YET
    if now - moment > rules.late_after:
        return HourVerdict.TOO_LATE
    return HourVerdict.SEND if is_cleared(record, rules) else HourVerdict.WAITS


def is_cleared(record: IssueRecord, rules: HourRules) -> bool:
    """Return whether nothing but its hour keeps this issue from going out."""
    free = record.waits_for(needs_approval=rules.needs_approval) is None
    return record.status is IssueStatus.READY and free


def why_it_waits(record: IssueRecord) -> str:
    """Return what keeps an issue from going out, as the mail to the editors says it: "it is ..."."""
    if record.status is IssueStatus.DRAFT:
        return "held up by what the checks found" if record.preflight.get("errors") else "a draft"
    return waits_for(record)
