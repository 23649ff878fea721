"""The hour that an issue names for itself: open its send, or tell the editors why it does not go out.

A sequence of jobs: each of them can be repeated, and so can the whole. What wakes it may come twice, late, or after the
issue was moved: the record alone says whether its hour has come.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from newsletter.calendar.domain.hour import HourRules, HourVerdict, judge_hour, why_it_waits
from newsletter.calendar.domain.notice import Notice
from newsletter.calendar.ports import SlotPorts
from newsletter.core.races import LOST, Race, win
from newsletter.core.slot import in_words
from newsletter.errors import NOTHING_NOW
from newsletter.issues.departure import await_hour
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.jobs.open_send import Opening, open_send

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HourPorts:
    """What looking after issues with their own hours touches."""

    rules: HourRules
    slots: SlotPorts
    opening: Opening


def fire_hour(slug: str, *, ports: HourPorts, now: datetime) -> HourVerdict:
    """Send the issue if its own hour has come, or tell the editors why it does not go; return what was decided.

    Args:
        slug: The issue.
        ports: What its hour touches.
        now: The moment.

    Raises:
        StoreBusyError: The issue was replaced again and again between the look and the lock.
    """

    def attempt() -> tuple[HourVerdict, IssueRecord | None] | Literal[Race.LOST]:
        record = ports.slots.issues.get(slug)
        verdict = judge_hour(record, ports.rules, now=now)
        if record is None or verdict is not HourVerdict.SEND or open_send(record, opening=ports.opening, now=now):
            return verdict, record
        return LOST if record.status is IssueStatus.READY else (verdict, record)

    busy = f"the issue {slug} is being replaced at the moment in which it is to go out; it will be tried again"
    verdict, record = win(attempt, busy=busy)
    if record is None or record.send_at is None or verdict is HourVerdict.NO_HOUR:
        return verdict
    if verdict is HourVerdict.NOT_YET:
        # The clock that woke us is a bit ahead of ours, or somebody decided about it before its time.
        await_hour(record, publish_queue=ports.opening.publish_queue, zone=ports.rules.zone, now=now)
    elif Notice.FIRED not in ports.slots.calendar.hour_notices(slug, record.send_at):
        _conclude(record, verdict, ports.rules, ports.slots)
    return verdict


def _conclude(record: IssueRecord, verdict: HourVerdict, rules: HourRules, ports: SlotPorts) -> None:
    """Remember that this hour was fired; before, mail the editors if nothing went out."""
    moment = record.goes_at(rules.zone)
    if record.send_at is None or moment is None:
        return
    if verdict is not HourVerdict.SEND:
        latest = (moment.astimezone(UTC) + rules.late_after).astimezone(rules.zone)
        try:
            ports.editors.tell(
                "editors_hour", hour=in_words(moment), title=record.title, why=verdict.value,
                state=why_it_waits(record), left="", until=in_words(latest),
            )  # fmt: skip
        except NOTHING_NOW as refusal:
            LOG.warning("the editors do not hear yet that nothing went out: %s", refusal)
            return  # not noted as fired, so the watch fires it again, and tells them then
    ports.calendar.note_hour_notice(record.slug, record.send_at, Notice.FIRED)
