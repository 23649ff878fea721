"""Invoked by operators: {"action": ..., ...}. Answers what was done, or {"error": sentence}; never half of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.wishes import a_day, a_number, a_send_name, a_text, told
from newsletter.errors import InvalidRequestError, PermanentError
from newsletter.jobs.ask_for_report import ask_for_report
from newsletter.jobs.cancel_send import cancel_send
from newsletter.jobs.change_calendar import Change, change_calendar
from newsletter.jobs.look_up_outcome import look_up_outcome
from newsletter.jobs.pause_send import pause_send
from newsletter.jobs.rehearse import rehearse
from newsletter.jobs.resume_send import resume_send
from newsletter.jobs.send_again import Again, send_again
from newsletter.jobs.send_status import send_status
from newsletter.jobs.send_test import send_test
from newsletter.wiring import app

logger = Logger()
SLOTS = 26
"""A year of fortnights."""


def _change(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    change_calendar(
        Change(wish["action"]), a_day(wish, "day"),
        calendar=app().calendar, sends=app().sends, rhythm=app().current_rhythm(), now=now,
    )  # fmt: skip
    return _slots(wish, now)


def _slots(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    rhythm = app().current_rhythm()
    next_slots = rhythm.next_slots(a_number(wish, "number", default=SLOTS, largest=10 * SLOTS), now)
    return {
        "next": [slot.isoformat() for slot in next_slots],
        "skipped": _days_to_come(rhythm.calendar.skipped, rhythm.local_date(now)),
        "extra": _days_to_come(rhythm.calendar.extra, rhythm.local_date(now)),
    }


def _days_to_come(days: frozenset[date], today: date) -> list[str]:
    return sorted(day.isoformat() for day in days if day >= today)


def _status(wish: dict[str, Any], now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    return told(*send_status(a_send_name(wish), sends=app().sends))


def _pause(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    pause_send(a_send_name(wish), a_text(wish, "because"), ports=app().control_ports, now=now)
    return _status(wish, now)


def _resume(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    resume_send(a_send_name(wish), ports=app().control_ports, now=now)
    return _status(wish, now)


def _cancel(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    cancel_send(a_send_name(wish), a_text(wish, "because"), ports=app().control_ports, now=now)
    return _status(wish, now)


def _again(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    whom = Again.FAILED if wish["action"] == "retry_failed" else Again.REST
    waiting = send_again(a_send_name(wish), whom, ports=app().control_ports, now=now)
    return {"waiting_again": waiting} | _status(wish, now)


def _rehearse(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    slug, shard_count = a_send_name(wish), app().settings.fan_out_shards
    send = rehearse(slug, ports=app().control_ports, shard_count=shard_count, now=now)
    return _status({"slug": send.slug}, now)


def _test(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    slug, reply_to = a_send_name(wish), app().newsletter.reply_to
    to, name = a_text(wish, "email"), wish.get("name", "")
    send_test(slug, to, str(name), ports=app().control_ports, links=app().links, reply_to=reply_to, now=now)
    return {"slug": slug, "sent": 1}


def _look_up(wish: dict[str, Any], now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    return asdict(look_up_outcome(a_send_name(wish), a_text(wish, "email"), ports=app().control_ports))


def _release(wish: dict[str, Any], now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    return {"released": app().confirmation_watch.release(now=now)}


def _report(wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    name = a_send_name(wish) if wish.get("slug") else ""
    ports, links = app().control_ports, app().report_links
    return ask_for_report(name, fresh=wish.get("fresh") is True, ports=ports, links=links, now=now)


ACTIONS: dict[str, Callable[[dict[str, Any], datetime], dict[str, Any]]] = {
    "slots": _slots,
    "status": _status,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "retry_failed": _again,
    "send_to_rest": _again,
    "rehearse": _rehearse,
    "test": _test,
    "look_up": _look_up,
    "release_confirmations": _release,
    "report": _report,
    **{change.value: _change for change in Change},
}


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    name = event.get("action") if isinstance(event, dict) else None
    try:
        if not isinstance(name, str) or name not in ACTIONS:
            raise InvalidRequestError(f"there is no action {name!r}; there are {', '.join(sorted(ACTIONS))}")
        answer = ACTIONS[name](event, datetime.now(UTC))
    except PermanentError as problem:
        answer = {"error": str(problem)}
    logger.info("control", extra={"action": name, "error": answer.get("error", "")})
    return answer
