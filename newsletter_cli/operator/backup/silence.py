"""What is different after a restore, so that no mail leaves by itself.

A backup is older than the world: what was open then may have gone out since, and somebody may have left. So nothing
that was under way goes on before a person says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.adapters.dynamo_sends import REPORTS
from newsletter.sending.domain.send import PausedBy, SendState
from newsletter_cli.operator.backup.lines import Item
from newsletter_cli.operator.restore_marks import RESTORE

ALL_REPORTS = "2"
"""The editors get two of each send, and none because of a restore."""

BECAUSE = "It came from a backup. Find out who got this issue since, then resume or cancel the send."
"""Why a send is held."""


def silenced(table: str, item: Item, *, versions: Mapping[tuple[str, str], str], now: datetime) -> Item | None:
    """Return the item as it is restored; None if it is left out.

    Args:
        table: Its word: `sends`.
        item: As it was.
        versions: The new version of each file, by key and the version before.
        now: The moment of the restore.
    """
    match table:
        case "issues":
            return _issue(item, versions)
        case "sends":
            return _of_a_send(item, now)
        case "limits":
            return None if item["counter_key"]["S"] == RESTORE else item
    return item


def _issue(item: Item, versions: Mapping[tuple[str, str], str]) -> Item:
    """An issue that could go out waits for its release; S3's order and versions are those of the new bucket.

    A sequencer of the old bucket would make every upload in the new one look like old news.
    """
    after, key = {**item, "sequencer": {"S": ""}}, f"issues/{item['slug']['S']}.md"
    status = item["status"]["S"]
    if status == IssueStatus.READY:
        after["held"] = {"BOOL": True}
    if status == IssueStatus.SENDING:
        after["status"] = {"S": IssueStatus.PAUSED.value}
    for name in ("version", "announced_version"):
        if name in item:
            after.pop(name)
            if new := versions.get((key, item[name]["S"])):
                after[name] = {"S": new}
    return after


def _of_a_send(item: Item, now: datetime) -> Item | None:
    """A send that was open is held by a person; slots that passed meanwhile are left alone; no report is mailed."""
    moment = {"S": now.isoformat()}
    if item["slug"]["S"] == "calendar" and item["item"]["S"] == "watch":
        return {**item, "since": moment}
    if item["slug"]["S"] == REPORTS:
        return None
    if item["item"]["S"] != "header":
        return item
    if item["state"]["S"] not in (SendState.OPEN, SendState.PAUSED):
        return {**item, "reported": {"BOOL": True}, "reports_mailed": {"N": ALL_REPORTS}}
    held = {name: value for name, value in item.items() if name != "resume_at"}
    held |= {
        "state": {"S": SendState.PAUSED.value},
        "paused_by": {"S": PausedBy.PERSON.value},
        "paused_because": {"S": BECAUSE},
        "paused_at": moment,
        "revision": {"N": str(int(item.get("revision", {"N": "0"})["N"]) + 1)},
    }
    return held
