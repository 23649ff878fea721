"""Carrying out one of several actions that operators ask a function for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from newsletter.control.noted import activity_of
from newsletter.errors import InvalidRequestError
from newsletter.wiring import App

Action = Callable[[Mapping[str, Any], App, datetime], dict[str, Any]]


def carry_out(
    raw_request: object, actions: Mapping[str, Action], load_app: Callable[[], App], now: datetime
) -> dict[str, Any]:
    """Do what a request asks for, note in the log what is different now, and return the answer.

    Args:
        raw_request: The request as it came.
        actions: What this function can do.
        load_app: Returns the app; not called for a request that makes no sense.
        now: The present.

    Raises:
        PermanentError: It cannot be done; the sentence says why.
    """
    name = raw_request.get("action") if isinstance(raw_request, dict) else None
    if not isinstance(raw_request, dict) or not isinstance(name, str) or name not in actions:
        raise InvalidRequestError(f"there is no action {name!r}; there are {', '.join(sorted(actions))}")
    app = load_app()
    answer = actions[name](raw_request, app, now)
    if activity := activity_of(raw_request, answer, now):
        app.activities.note(activity)
    return answer
