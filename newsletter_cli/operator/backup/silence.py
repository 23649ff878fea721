"""What is different after a restore, so that no mail leaves by itself.

A backup is older than the world: what was open then may have gone out since, and somebody may have left. So nothing
that was under way goes on before a person says so. Each item is changed by the adapter that owns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from newsletter.calendar.adapters.restored_calendar import restored_calendar
from newsletter.issues.adapters.restored_issue import restored_issue
from newsletter.sending.adapters.restored_send import restored_send
from newsletter_cli.operator.backup.lines import Item
from newsletter_cli.operator.restore_marks import is_restore_mark

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
            return restored_issue(item, versions)
        case "sends":  # each of the two leaves what is not its own as it is
            return restored_send(restored_calendar(item, now=now), because=BECAUSE, now=now)
        case "limits":
            return None if is_restore_mark(item) else item
    return item
