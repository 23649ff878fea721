"""Warnings to the editors that the next slot has no issue, in time to do something about it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

from newsletter.calendar.domain.choice import missing_languages, waits_for
from newsletter.calendar.domain.notice import LEAD, Notice, left_in_words, next_notice
from newsletter.calendar.ports import SlotPorts
from newsletter.core.language import NAMES
from newsletter.core.slot import Rhythm, in_words
from newsletter.errors import NOTHING_NOW
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord

LOG = logging.getLogger(__name__)


def warn_editors(*, ports: SlotPorts, rhythm: Rhythm, now: datetime) -> dict[date, Notice]:
    """Warn once at each step while nothing is ready for a slot; say that all is well once it is, to whoever was warned.

    An issue fills one slot only: with two slots in two days, one ready issue is not enough.

    Returns:
        What was mailed, by the day of the slot.
    """
    mailed: dict[date, Notice] = {}
    try:
        _warn_about_each(mailed, ports, rhythm, now)
    except NOTHING_NOW as refusal:
        LOG.warning("the editors are not warned yet: %s", refusal)  # nor is it noted, so the next look warns them
    return mailed


def _warn_about_each(mailed: dict[date, Notice], ports: SlotPorts, rhythm: Rhythm, now: datetime) -> None:
    longest = max(LEAD.values())
    near = list(takewhile(lambda slot: slot - now <= longest, rhythm.slots_after(now)))
    ready = ports.issues.with_status(IssueStatus.READY) if near else []
    taken: set[str] = set()
    for slot in near:
        day = rhythm.day_of(slot)
        meant = [record for record in ready if record.may_go(day) and record.slug not in taken]
        due = [record for record in meant if record.due(day, needs_approval=ports.needs_approval)]
        slug = ports.slots.holder(day) or (due[0].slug if due else "")
        taken.add(slug)
        notices = ports.calendar.notices(day)
        if slug and slot - now <= LEAD[Notice.ONE_DAY] and Notice.MISSING_LANGUAGE not in notices:
            mailed |= _ask_for_languages(slot, day, slug, ports)
        notice = next_notice(bool(slug), slot - now, notices)
        if notice is None:
            continue
        if notice in LEAD:
            _warn(slot, slot - now, meant, ports)
        else:
            _relieve(slot, slug, ports)
        ports.calendar.note_notice(day, notice)
        mailed[day] = notice


def _warn(slot: datetime, left: timedelta, meant: Sequence[IssueRecord], ports: SlotPorts) -> None:
    waiting = [(record.title, waits_for(record)) for record in meant]
    ports.editors.tell(
        "editors_nothing_ready", slot=in_words(slot), why="soon", waiting=waiting, left=left_in_words(left)
    )


def _ask_for_languages(slot: datetime, day: date, slug: str, ports: SlotPorts) -> dict[date, Notice]:
    """Tell the editors which languages of the last issue this one lacks, while there is a day to translate it."""
    record = ports.issues.get(slug)
    last = next((each for each in ports.issues.newest(2) if each.slug != slug), None)
    missing = missing_languages(record, last) if record else []
    if not record or not missing:
        return {}
    names = [NAMES.get(lang.partition("-")[0].lower(), lang) for lang in missing]
    files = [f"issues/{slug}.{lang.lower()}.md" for lang in missing]
    ports.editors.tell(
        "editors_language_missing", slot=in_words(slot), title=record.title, names=", ".join(names), files=files
    )
    ports.calendar.note_notice(day, Notice.MISSING_LANGUAGE)
    return {day: Notice.MISSING_LANGUAGE}


def _relieve(slot: datetime, slug: str, ports: SlotPorts) -> None:
    record = ports.issues.get(slug)
    ports.editors.tell("editors_slot_ready", slot=in_words(slot), title=record.title if record else slug)
