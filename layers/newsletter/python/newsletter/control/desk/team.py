"""The team's page: who is in it and what each may do, for owners to change."""

from __future__ import annotations

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.team import Role
from newsletter.desk.domain.act import Act
from newsletter.desk.sessions.change_team import change_roles, invite, remove

TEAM = "/desk/team/"


def show(request: DeskRequest) -> Answer:
    """Show the team."""
    return Show("team", {"members": request.app.members.all(), "roles": ROLES, "done": request.query.get("done", "")})


def add(request: DeskRequest) -> Answer:
    """Invite somebody."""
    email, name = request.fields.get("email", ""), request.fields.get("name", "")
    member = invite(email, name, _roles(request), members=request.app.members, now=request.now)
    request.note("invited", member.label, _words(member.roles))
    return Go(f"{TEAM}?done=invited")


def give_roles(request: DeskRequest) -> Answer:
    """Give somebody other roles."""
    member = change_roles(request.parts["id"], _roles(request), members=request.app.members, now=request.now)
    request.note("changed the roles of", member.label, _words(member.roles))
    return Go(f"{TEAM}?done=changed")


def take_out(request: DeskRequest) -> Answer:
    """Remove somebody."""
    member = remove(request.parts["id"], members=request.app.members)
    request.note("removed from the team", member.label)
    return Go(f"{TEAM}?done=removed")


def _roles(request: DeskRequest) -> list[Role]:
    return [role for role in Role if request.fields.get(f"role_{role}")]


def _words(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(roles))


ROLES = (
    (Role.WRITER, "Writer", "writes, previews, sends tests, puts on hold"),
    (Role.APPROVER, "Approver", "all that; approves, releases, withdraws, steers a send"),
    (Role.KEEPER, "List keeper", "looks after readers"),
    (Role.OWNER, "Owner", "everything, with settings and the team"),
)
"""Each role as the page names it, and what it is for."""

ROUTES = (
    Route("GET", TEAM, Act.TEAM, show),
    Route("POST", f"{TEAM}invite", Act.TEAM, add),
    Route("POST", f"{TEAM}<id>/roles", Act.TEAM, give_roles),
    Route("POST", f"{TEAM}<id>/remove", Act.TEAM, take_out),
)
