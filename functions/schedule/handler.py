"""EventBridge Scheduler: {"scheduled_time": ISO 8601}, daily, fires a slot; {"watch": "slots"} looks after all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.calendar.jobs.fire_slot import fire_slot
from newsletter.calendar.jobs.make_digest import ask_for_digest
from newsletter.calendar.jobs.missed_slots import missed_slots
from newsletter.calendar.jobs.warn_editors import warn_editors
from newsletter.calendar.jobs.watch_hours import watch_hours
from newsletter.core.slot import Rhythm
from newsletter.errors import MalformedMessageError
from newsletter.wiring import app

logger = Logger()


def _moment(event: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(event["scheduled_time"])
    except (KeyError, TypeError, ValueError) as exc:
        raise MalformedMessageError("the event holds no scheduled_time such as 2026-12-01T09:00:00Z") from exc
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fire(slot: datetime, rhythm: Rhythm, now: datetime) -> dict[str, str]:
    choice = fire_slot(
        slot, rhythm=rhythm, late_after=rhythm.late_after, ports=app().slot_ports, opening=app().opening, now=now
    )
    slug = choice.record.slug if choice.record else ""
    logger.info("slot", extra={"slot": slot.isoformat(), "verdict": choice.verdict, "issue": slug})
    return {"verdict": choice.verdict, "issue": slug}


def _watch(rhythm: Rhythm, now: datetime) -> dict[str, list[str]]:
    hours, fired = dict[str, str](), list[str]()
    try:  # what fails must silence neither the slots nor the warnings about the next one
        hours |= watch_hours(ports=app().hour_ports, now=now)
    finally:
        try:
            missed = missed_slots(rhythm=rhythm, calendar=app().calendar, now=now)
            fired += [_fire(slot, rhythm, now)["verdict"] for slot in missed]
        finally:
            warned = warn_editors(ports=app().slot_ports, rhythm=rhythm, now=now)
            notices = [f"{day} {notice}" for day, notice in warned.items()]
            logger.info("watch", extra={"fired": fired, "hours": hours, "told": notices})
            ask_for_digest(calendar=app().calendar, publish_queue=app().publish_queue, rhythm=rhythm, now=now)
    return {"fired": [*fired, *hours.values()], "told": notices}


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    now, rhythm = datetime.now(UTC), app().current_rhythm()
    return _watch(rhythm, now) if event.get("watch") == "slots" else _fire(_moment(event), rhythm, now)
