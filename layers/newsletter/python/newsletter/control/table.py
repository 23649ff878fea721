"""The table of all actions: a function for each name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from newsletter.calendar.jobs.change_calendar import Change
from newsletter.control import issues, sends, slots
from newsletter.control.acting import Action, carry_out
from newsletter.wiring import App

ACTIONS: dict[str, Action] = {
    "slots": slots.slots,
    **{change.value: slots.change_day for change in Change},
    "newsletter": issues.newsletter,
    "issues": issues.issues,
    "issue": issues.issue,
    "end_preview": issues.end_preview,
    **dict.fromkeys(issues.DECISIONS, issues.decide),
    "status": sends.status,
    "pause": sends.pause,
    "resume": sends.resume,
    "cancel": sends.cancel,
    "retry_failed": sends.send_once_more,
    "send_to_rest": sends.send_once_more,
    "repair": sends.repair,
    "rehearse": sends.rehearsal,
    "test": sends.mail_a_test,
    "look_up": sends.look_up,
    "doubtful": sends.doubtful,
    "release_confirmations": sends.release_confirmations,
    "report": sends.report,
}


def act(raw_request: object, load_app: Callable[[], App], now: datetime) -> dict[str, Any]:
    """Do what a request asks for, note in the log what is different now, and return the answer.

    Args:
        raw_request: The request as it came.
        load_app: Returns the app; not called for a request that makes no sense.
        now: The present.

    Raises:
        PermanentError: It cannot be done; the sentence says why.
    """
    return carry_out(raw_request, ACTIONS, load_app, now)
