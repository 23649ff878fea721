"""EventBridge Scheduler: {"scheduled_time": ISO 8601}, daily, fires a slot; {"watch": "slots"} looks after all."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.calendar.adapters.slot_clock import read_slot
from newsletter.calendar.jobs.fire_slot import fire_slot
from newsletter.calendar.jobs.make_digest import ask_for_digest
from newsletter.calendar.jobs.missed_slots import missed_slots
from newsletter.calendar.jobs.warn_editors import warn_editors
from newsletter.calendar.jobs.watch_hours import watch_hours
from newsletter.core.slot import Rhythm
from newsletter.wiring import app

logger = Logger()


def _fire(slot: datetime, rhythm: Rhythm, now: datetime) -> dict[str, str]:
    choice = fire_slot(
        slot, rhythm=rhythm, late_after=rhythm.late_after, ports=app().slot_ports, opening=app().opening, now=now
    )
    slug = choice.record.slug if choice.record else ""
    logger.info("slot", extra={"slot": slot.isoformat(), "verdict": choice.verdict, "issue": slug})
    return {"verdict": choice.verdict, "issue": slug}


def _missed(rhythm: Rhythm, now: datetime) -> list[str]:
    return [_fire(day, rhythm, now)["verdict"] for day in missed_slots(rhythm=rhythm, calendar=app().calendar, now=now)]


def _draft(rhythm: Rhythm, now: datetime) -> None:
    from newsletter.desk.feeds.draft_from_feeds import draft_from_feeds  # the start of a slot does not wait for it

    for day, outcome in draft_from_feeds(ports=app().feed_draft_ports, rhythm=rhythm, now=now).items():
        logger.info("draft from feeds", extra={"day": day.isoformat(), "outcome": outcome})


def _watch(rhythm: Rhythm, now: datetime) -> dict[str, list[str]]:
    calendar, hours, fired, warned = app().calendar, dict[str, str](), list[str](), dict[Any, str]()
    with ExitStack() as looks:  # the last is made first, and what fails silences none of the others
        looks.callback(ask_for_digest, calendar=calendar, publish_queue=app().publish_queue, rhythm=rhythm, now=now)
        looks.callback(_draft, rhythm, now)
        looks.callback(lambda: warned.update(warn_editors(ports=app().slot_ports, rhythm=rhythm, now=now)))
        looks.callback(lambda: fired.extend(_missed(rhythm, now)))
        hours |= watch_hours(ports=app().hour_ports, now=now)
    notices = [f"{day} {notice}" for day, notice in warned.items()]
    logger.info("watch", extra={"fired": fired, "hours": hours, "told": notices})
    return {"fired": [*fired, *hours.values()], "told": notices}


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    now, rhythm = datetime.now(UTC), app().current_rhythm()
    return _watch(rhythm, now) if event.get("watch") == "slots" else _fire(read_slot(event), rhythm, now)
