"""Invoked by operators: {"action": ..., ...}. Answers what was done, or {"error": sentence}; never half of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.wishes import a_day, a_number
from newsletter.errors import InvalidRequestError, PermanentError
from newsletter.jobs.change_calendar import Change, change_calendar
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


ACTIONS: dict[str, Callable[[dict[str, Any], datetime], dict[str, Any]]] = {
    "slots": _slots,
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
