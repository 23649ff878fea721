"""A send's items as they are put back from a backup, see `dynamo_sends`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.sending.adapters.dynamo_due_reports import REPORTS
from newsletter.sending.domain.send import PausedBy, SendState

ALL_REPORTS = "2"
"""The editors get two of each send, and none because of a restore."""


def restored_send(item: dict[str, Any], *, because: str, now: datetime) -> dict[str, Any] | None:
    """Return an item of the table `sends` so that an open send is held by a person, and no report is mailed.

    Args:
        item: As it was.
        because: Why an open send is held.
        now: The moment of the restore.

    Returns:
        The item, or None if it is left out.
    """
    if item["slug"]["S"] == REPORTS:
        return None
    if item["item"]["S"] != "header":
        return item
    if item["state"]["S"] not in (SendState.OPEN, SendState.PAUSED):
        return {**item, "reported": {"BOOL": True}, "reports_mailed": {"N": ALL_REPORTS}}
    held = {name: value for name, value in item.items() if name not in ("preparing", "resume_at")}
    held |= {
        "state": {"S": SendState.PAUSED.value},
        "paused_by": {"S": PausedBy.PERSON.value},
        "paused_because": {"S": because},
        "paused_at": {"S": now.isoformat()},
        "restored_known": {"BOOL": True},
        "revision": {"N": str(int(item.get("revision", {"N": "0"})["N"]) + 1)},
    }
    return held
