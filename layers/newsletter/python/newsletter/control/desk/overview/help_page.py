"""Help: how an issue gets out, who may do what, and what the buttons mean."""

from __future__ import annotations

from pathlib import Path

from newsletter.control.desk.files import PICTURES, address
from newsletter.control.desk.request import Answer, DeskRequest, Route, Show
from newsletter.core.team import Approval
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.role_words import ROLES

HELP = "/desk/help/"


def show(request: DeskRequest) -> Answer:
    """Show it, as it is for this newsletter and this person."""
    settings, rhythm, member = request.app.settings, request.app.rhythm, request.visitor.member
    return Show(
        "help",
        {
            "roles": ROLES,
            "own": [words for role, words, _ in ROLES if role in member.roles],
            "needs_approval": settings.needs_approval,
            "another": settings.require_approval is Approval.ANOTHER,
            "weeks": rhythm.period_weeks,
            "time": f"{rhythm.hour:02d}:{rhythm.minute:02d}",
            "zone": rhythm.time_zone.key,
            "reply_to": request.app.newsletter.editor_email,
            "pictures": [address(Path(settings.templates_dir), name) for name in PICTURES],
        },
    )


ROUTES = (Route("GET", HELP, Act.LOOK, show),)
