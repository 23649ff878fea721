"""A look at every issue that names its own hour: wake its send, fire what was missed, and warn the editors in time.

A sequence of jobs: each of them can be repeated, and so can the whole.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from newsletter.calendar.domain.hour import BEFORE_THE_SEND, HourRules, HourVerdict, is_cleared, why_it_waits
from newsletter.calendar.domain.notice import LEAD, Notice, left_in_words, next_notice
from newsletter.calendar.jobs.fire_hour import HourPorts, fire_hour
from newsletter.calendar.jobs.missed_slots import LOOK_BACK, PATIENCE
from newsletter.calendar.ports import SlotPorts
from newsletter.core.slot import in_words
from newsletter.errors import NOTHING_NOW
from newsletter.issues.departure import await_hour
from newsletter.issues.domain.issue_record import IssueRecord

LOG = logging.getLogger(__name__)


def watch_hours(*, ports: HourPorts, now: datetime) -> dict[str, HourVerdict]:
    """Ask for the sends of the next minutes, and warn once at each step while an issue waits for a person.

    A look every ten minutes and a message that waits up to fifteen: whatever goes out has been asked for before its
    hour, once or twice. A message that was lost is made good by the look that finds its hour over.

    Args:
        ports: What hours touch.
        now: The moment.

    Returns:
        What was decided about the issues whose hour was over, by their slugs.

    Raises:
        Exception: Whatever the first issue raised that failed; the others were looked at all the same.
    """
    fired: dict[str, HourVerdict] = {}
    errors: list[Exception] = []
    for record, moment in _with_hours(ports.rules, ports.slots):
        try:
            verdict = _look_at(record, moment, ports, now)
        except Exception as exc:  # whatever it is, the others come next
            errors.append(exc)
        else:
            fired |= {record.slug: verdict} if verdict is not None else {}
    if errors:
        raise errors[0]
    return fired


def _look_at(record: IssueRecord, moment: datetime, ports: HourPorts, now: datetime) -> HourVerdict | None:
    """Do what is due about one issue; return what was decided if its hour was fired."""
    if now - moment >= PATIENCE:
        owed = _is_owed(record, moment, ports.rules, ports.slots, now)
        return fire_hour(record.slug, ports=ports, now=now) if owed else None
    await_hour(record, publish_queue=ports.opening.publish_queue, zone=ports.rules.zone, now=now)
    if moment > now:
        _warn(record, moment, ports.rules, ports.slots, now)
    return None


def _with_hours(rules: HourRules, ports: SlotPorts) -> list[tuple[IssueRecord, datetime]]:
    records = [record for status in BEFORE_THE_SEND for record in ports.issues.with_status(status)]
    hours = [(record, record.goes_at(rules.zone)) for record in records if not record.withdrawn]
    return [(record, moment.astimezone(UTC)) for record, moment in hours if moment is not None]


def _is_owed(record: IssueRecord, moment: datetime, rules: HourRules, ports: SlotPorts, now: datetime) -> bool:
    """Return whether this issue goes out although its hour is over, or the editors have not heard that it does not."""
    if record.send_at is None or moment <= max(ports.calendar.watched_since(now), now - LOOK_BACK):
        return False
    if is_cleared(record, rules) and now - moment <= rules.late_after:
        return True
    return Notice.FIRED not in ports.calendar.hour_notices(record.slug, record.send_at)


def _warn(record: IssueRecord, moment: datetime, rules: HourRules, ports: SlotPorts, now: datetime) -> None:
    left = moment - now
    if record.send_at is None or left > max(LEAD.values()):
        return
    cleared = is_cleared(record, rules)
    notice = next_notice(cleared, left, ports.calendar.hour_notices(record.slug, record.send_at))
    if notice is None or (notice in LEAD and _was_previewed_since(moment - LEAD[notice], record)):
        return
    hour = in_words(moment.astimezone(rules.zone))
    try:
        if cleared:
            ports.editors.tell("editors_slot_ready", slot=hour, title=record.title)
        else:
            ports.editors.tell(
                "editors_hour", hour=hour, title=record.title, why="soon", state=why_it_waits(record),
                left=left_in_words(left), until="",
            )  # fmt: skip
    except NOTHING_NOW as refusal:
        LOG.warning("the editors are not warned yet: %s", refusal)  # nor is it noted, so the next look warns them
        return
    ports.calendar.note_hour_notice(record.slug, record.send_at, notice)


def _was_previewed_since(step: datetime, record: IssueRecord) -> bool:
    """Return whether the editors saw this issue first after a step was over: its preview has said what it waits for."""
    return record.preview_since is not None and record.preview_since > step
