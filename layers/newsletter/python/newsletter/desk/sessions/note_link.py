"""What somebody did by a mailed link, in the log of the desk."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.activity import BY_LINK, Activity
from newsletter.desk.domain.decision import Decision
from newsletter.desk.session_ports import ActivityLog


def note_link(decision: Decision, did: str, *, done: bool, activities: ActivityLog, now: datetime) -> None:
    """Note it, if anything is different from before."""
    if done:
        actor = decision.editor.label if decision.editor else "an editor"
        activities.note(Activity(now, actor, did, decision.slug, decision.content_hash, BY_LINK))
