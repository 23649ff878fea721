"""The comparison of suppressions, from part to part, on the settle queue.

Shape: {"settle": "suppression list", "progress": JSON}, without progress at the beginning.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from newsletter.aws.queue import SqsQueue, message_json
from newsletter.core.stored import known_fields
from newsletter.errors import MalformedMessageError
from newsletter.feedback.domain.reconciliation import Reconciliation, Step

SUPPRESSIONS = "suppression list"
"""With a blank: no issue can have such a name."""


class SqsReconcileQueue:
    """Writes the messages."""

    def __init__(self, settle: SqsQueue) -> None:
        self._settle = settle

    def reconcile(self, so_far: Reconciliation) -> None:
        """Ask for the comparison of suppressions to go on."""
        self._settle.put([{"settle": SUPPRESSIONS, "progress": json.dumps(asdict(so_far))}])


def read_reconcile(body: str) -> Reconciliation | None:
    """Return where the comparison of suppressions stands; None if the message says something else.

    Raises:
        MalformedMessageError: It stands nowhere.
    """
    fields = message_json(body)
    if not isinstance(fields, dict) or fields.get("settle") != SUPPRESSIONS:
        return None
    try:
        progress = known_fields(Reconciliation, json.loads(fields.get("progress", "{}")))
        counts = {name: int(value) for name, value in progress.items() if name not in ("step", "at")}
        step, at = Step(progress.get("step", Step.THEIRS)), str(progress.get("at", ""))
        return Reconciliation(step=step, at=at, **counts)
    except (ValueError, TypeError, AttributeError) as exc:
        raise MalformedMessageError("the message does not say how far suppressions were compared") from exc
