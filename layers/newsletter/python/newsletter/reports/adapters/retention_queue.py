"""The nightly forgetting, from part to part, on the settle queue.

Shape: {"settle": "retention of data", "progress": JSON}, without progress at the beginning.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from newsletter.aws.queue import SqsQueue, message_json
from newsletter.core.stored import known_fields
from newsletter.errors import MalformedMessageError
from newsletter.reports.domain.retention_run import RetentionRun, RetentionStep

RETENTION = "retention of data"
"""With a blank: no issue can have such a name."""


class SqsRetentionQueue:
    """Writes the messages."""

    def __init__(self, settle: SqsQueue) -> None:
        self._settle = settle

    def go_on(self, run: RetentionRun) -> None:
        """Ask for the forgetting to go on."""
        self._settle.put([{"settle": RETENTION, "progress": json.dumps(asdict(run))}])


def read_retention(body: str) -> RetentionRun | None:
    """Return where the forgetting stands; None if the message says something else.

    Raises:
        MalformedMessageError: It stands nowhere.
    """
    fields = message_json(body)
    if not isinstance(fields, dict) or fields.get("settle") != RETENTION:
        return None
    try:
        progress = known_fields(RetentionRun, json.loads(fields.get("progress", "{}")))
        counts = {name: int(value) for name, value in progress.items() if name not in ("step", "bookmark")}
        step, bookmark = RetentionStep(progress.get("step", RetentionStep.LEAVERS)), str(progress.get("bookmark", ""))
        return RetentionRun(step=step, bookmark=bookmark, **counts)
    except (ValueError, TypeError, AttributeError) as exc:
        raise MalformedMessageError("the message does not say how far the forgetting has come") from exc
