"""The mails that editors get about a slot, each once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum


class Notice(StrEnum):
    """A mail about a slot that was sent, or was not needed; stored with the slot."""

    TWO_DAYS = "48h"
    """Two days before the slot nothing is ready for it."""
    ONE_DAY = "24h"
    TWO_HOURS = "2h"
    MISSING_LANGUAGE = "24h language"
    """The issue that is ready lacks a language that the last one had."""
    READY_AFTER_TWO_DAYS = "48h ready"
    """An issue is ready now, after the warning of two days."""
    READY_AFTER_ONE_DAY = "24h ready"
    READY_AFTER_TWO_HOURS = "2h ready"
    FIRED = "fired"
    """The slot was fired; if nothing went out, the editors know."""
    DIGEST = "digest"
    """Of the first day of a month, whether a slot or not: the digest of the month before was asked for."""


LEAD = {
    Notice.TWO_DAYS: timedelta(hours=48),
    Notice.ONE_DAY: timedelta(hours=24),
    Notice.TWO_HOURS: timedelta(hours=2),
}
"""How long before a slot each warning is due: two evenings to write it, one to find it, two hours to upload it."""

RELIEF = {
    Notice.TWO_DAYS: Notice.READY_AFTER_TWO_DAYS,
    Notice.ONE_DAY: Notice.READY_AFTER_ONE_DAY,
    Notice.TWO_HOURS: Notice.READY_AFTER_TWO_HOURS,
}
"""What is mailed once all is well, by the last warning before it."""


def next_notice(has_issue: bool, left: timedelta, notices: Collection[Notice]) -> Notice | None:
    """Return the mail that is due now, or None.

    Args:
        has_issue: Whether an issue is ready for the slot.
        left: Time until the slot; at most the longest of `LEAD`.
        notices: What was mailed about the slot before.
    """
    if not has_issue:
        due = [warning for warning, lead in LEAD.items() if left <= lead][-1]
        return None if due in notices else due
    warned = [warning for warning in LEAD if warning in notices]
    if not warned or RELIEF[warned[-1]] in notices:
        return None
    return RELIEF[warned[-1]]


def left_in_words(left: timedelta) -> str:
    """Return how long there is left, roughly."""
    minutes = round(left / timedelta(minutes=1))
    return f"{round(minutes / 60)} hours" if minutes > 90 else f"{minutes} minutes"
