"""What of the actions is noted in the log of the desk: everything that changes something, with who asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsletter.desk.domain.activity import AT_COMMAND_LINE, Activity
from newsletter.desk.domain.decision import DecisionOutcome, Verb
from newsletter.issues.domain.upload import LONGEST_IDENTITY

DID = {
    **{f"{verb}_issue": "" for verb in Verb},  # what came of it says more
    "end_preview": "ended the preview address of",
    "skip": "skipped",
    "unskip": "took back the skip of",
    "extra": "added the extra day",
    "unextra": "took back the extra day",
    "pause": "paused the send of",
    "resume": "resumed the send of",
    "cancel": "cancelled the send of",
    "retry_failed": "sent again to whom it had failed for",
    "send_to_rest": "sent to the rest",
    "repair": "rebuilt the records of the send of",
    "rehearse": "rehearsed",
    "test": "mailed a test of",
    "release_confirmations": "let emails to people who sign up go on",
    "invite_member": "invited",
    "change_member_roles": "changed the roles of",
    "remove_member": "removed from the team",
}
"""What each action did, in words; those that only look have none."""

SOMEBODY = "somebody with access to AWS"
"""A program that does not say as whom AWS knows it."""


def activity_of(request: Mapping[str, Any], answer: Mapping[str, Any], now: datetime) -> Activity | None:
    """Return the line for what was asked for and done; None if nothing is different from before.

    Args:
        request: What was asked for. `by` is as whom AWS knows the shell, as the shell says: CloudTrail has the proof.
        answer: What was done.
        now: The present.
    """
    did = DID.get(request["action"])
    if did is None or not _changed(request, answer):
        return None
    actor = str(request.get("by", "")).strip()[:LONGEST_IDENTITY] or SOMEBODY
    what = str(answer.get("label") or request.get("slug") or request.get("day") or "").strip()
    details = str(answer.get("roles") or request.get("because") or answer.get("content") or "").strip()
    return Activity(now, actor, did or str(answer["outcome"]), what, details, AT_COMMAND_LINE)


def _changed(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    if "outcome" in answer:
        return DecisionOutcome(answer["outcome"]).changed
    if request["action"] == "repair":
        return request.get("apply") is True
    return bool(answer.get("released", True))
