"""An issue's item as it is put back from a backup, see `dynamo_issues`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsletter.issues.domain.issue import IssueStatus


def restored_issue(item: dict[str, Any], versions: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Return the item so that an issue that could go out waits for its release, with the versions of the new bucket.

    A sequencer of the old bucket would make every upload in the new one look like old news.

    Args:
        item: As it was.
        versions: The new version of each file, by key and the version before.
    """
    restored, key = {**item, "sequencer": {"S": ""}}, f"issues/{item['slug']['S']}.md"
    status = item["status"]["S"]
    if status == IssueStatus.READY:
        restored["held"] = {"BOOL": True}
    if status == IssueStatus.SENDING:
        restored["status"] = {"S": IssueStatus.PAUSED.value}
    for name in ("version", "announced_version"):
        if name in item:
            restored.pop(name)
            if new := versions.get((key, item[name]["S"])):
                restored[name] = {"S": new}
    if announced := item.get("announced_translations", {}).get("M"):
        found = {
            code: versions.get((f"issues/{item['slug']['S']}.{code}.md", announced[code]["S"])) for code in announced
        }
        restored["announced_translations"] = {"M": {code: {"S": new} for code, new in found.items() if new}}
    return restored
