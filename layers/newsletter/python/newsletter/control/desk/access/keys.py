"""Keys for programs: which there are, made and revoked by owners; a new one is shown once."""

from __future__ import annotations

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.team import Role
from newsletter.desk.api_keys.api_key import LONGEST_NAME, MOST
from newsletter.desk.api_keys.change_keys import make_key, revoke_key
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.decision_words import local_time
from newsletter.desk.domain.role_words import in_words

KEYS = "/desk/team/keys/"

MAY = (
    (
        Role.WRITER,
        "Writer",
        "looks at issues, sends and results; writes drafts, hands them in, mails tests, holds",
    ),
    (Role.APPROVER, "Approver", "all that a writer does; approves, releases, withdraws, changes days, steers sends"),
    (Role.KEEPER, "List keeper", "finds, adds, changes and erases readers, and reads the whole list"),
    (Role.OWNER, "Owner", "all that the others may; settings and the team stay with people"),
)
"""What a program may do in each role."""


def show(request: DeskRequest) -> Answer:
    """Show the keys that are not revoked."""
    zone, keys = request.app.rhythm.time_zone, request.app.api_keys.all()
    lines = [(each, ", ".join(words for role, words, _ in MAY if role in each.roles)) for each in keys]
    made = {each.key_id: local_time(each.made_at, zone) for each in keys}
    done = request.query.get("done", "")
    return Show(
        "keys",
        {"lines": lines, "made": made, "roles": MAY, "longest": LONGEST_NAME, "full": len(keys) >= MOST, "done": done},
    )


def make(request: DeskRequest) -> Answer:
    """Make a key and show it, this once."""
    roles = [role for role in Role if request.fields.get(f"role_{role}")]
    api_key, written = make_key(
        request.fields.get("name", ""),
        roles,
        made_by=request.visitor.member.email,
        api_keys=request.app.api_keys,
        now=request.now,
    )
    request.note("made an API key", api_key.name, in_words(api_key.roles))
    return Show("key_made", {"api_key": api_key, "written": written})


def revoke(request: DeskRequest) -> Answer:
    """Revoke a key, from this moment on."""
    api_key = revoke_key(request.parts["id"], api_keys=request.app.api_keys)
    request.note("revoked an API key", api_key.name)
    return Go(f"{KEYS}?done=revoked")


ROUTES = (
    Route("GET", KEYS, Act.TEAM, show),
    Route("POST", KEYS.rstrip("/"), Act.TEAM, make),
    Route("POST", f"{KEYS}<id>/revoke", Act.TEAM, revoke),
)
