"""A decision was made by a link or at the command line: all editors hear of it, as neither tells who it was."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.desk.domain.decision import Decided, Decision
from newsletter.desk.ports import DecidePorts


def report_decision(
    decision: Decision, decided: Decided, *, ports: DecidePorts, zone: ZoneInfo, now: datetime, by_link: bool
) -> None:
    """Mail the editors what was decided, and when by their clock."""
    moment = now.astimezone(zone)
    ports.editors.tell(
        "editors_decided",
        slug=decision.slug,
        title=decided.title(decision),
        outcome=str(decided.outcome),
        by_link=by_link,
        when=f"{moment:%A} {moment.day} {moment:%B %Y at %H:%M} ({zone.key})",
    )
