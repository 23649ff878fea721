"""EventBridge Scheduler: {"scheduled_time": ISO 8601}, daily, fires a slot; {"watch": "slots"} looks after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.calendar.jobs.choose_issue import Choice, Verdict, choose_issue
from newsletter.calendar.jobs.conclude_slot import conclude_slot
from newsletter.calendar.jobs.missed_slots import missed_slots
from newsletter.calendar.jobs.unstarted_slots import unstarted_slots
from newsletter.calendar.jobs.warn_editors import warn_editors
from newsletter.core.slot import Rhythm
from newsletter.errors import MalformedMessageError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.reports.domain.vital_signs import Sign
from newsletter.sending.jobs.open_send import open_send
from newsletter.wiring import app

logger = Logger()
TRIES = 2
"""An upload may replace the issue between the choice and the lock; then its new content is chosen."""


def _moment(event: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(event["scheduled_time"])
    except (KeyError, TypeError, ValueError) as exc:
        raise MalformedMessageError("the event holds no scheduled_time such as 2026-12-01T09:00:00Z") from exc
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _open(slot: datetime, rhythm: Rhythm, now: datetime) -> Choice:
    late_after = timedelta(hours=app().settings.late_after_hours)
    for _ in range(TRIES):
        choice = choose_issue(
            slot, rhythm=rhythm, late_after=late_after, issues=app().issues, sends=app().sends,
            needs_approval=app().settings.require_approval, now=now,
        )  # fmt: skip
        record = choice.record
        if (
            record is None
            or open_send(record, opening=app().opening, now=now)
            or record.status is not IssueStatus.READY
        ):
            return choice
    return Choice(Verdict.NOTHING_READY, record)


def _fire(slot: datetime, rhythm: Rhythm, now: datetime) -> dict[str, str]:
    choice = _open(slot, rhythm, now)
    if choice.verdict is not Verdict.NOT_A_SLOT:
        why_not = "" if choice.verdict is Verdict.SEND else str(choice.verdict)
        conclude_slot(
            rhythm.day_of(slot), why_not, choice.waiting, ports=app().slot_ports, rhythm=rhythm, now=now
        )  # fmt: skip
    slug = choice.record.slug if choice.record else ""
    logger.info("slot", extra={"slot": slot.isoformat(), "verdict": choice.verdict, "issue": slug})
    return {"verdict": choice.verdict, "issue": slug}


def _watch(rhythm: Rhythm, now: datetime) -> dict[str, list[str]]:
    try:
        missed = missed_slots(rhythm=rhythm, calendar=app().calendar, now=now)
        fired = [_fire(slot, rhythm, now)["verdict"] for slot in missed]
    finally:  # a slot that fails must not silence the warnings about the next
        told = warn_editors(ports=app().slot_ports, rhythm=rhythm, now=now)
        without = unstarted_slots(rhythm=rhythm, calendar=app().calendar, sends=app().sends, now=now)
        app().metrics.emit({Sign.SLOTS_NOT_STARTED: len(without)})
        logger.info("watch", extra={"told": told})
    return {"fired": fired, "told": told}


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    now, rhythm = datetime.now(UTC), app().current_rhythm()
    return _watch(rhythm, now) if event == {"watch": "slots"} else _fire(_moment(event), rhythm, now)
