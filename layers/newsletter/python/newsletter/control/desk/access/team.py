"""The team's page: who is in it and what each may do, for owners to change."""

from __future__ import annotations

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.team import Role
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.domain.role_words import ROLES, in_words
from newsletter.desk.sessions.change_team import change_roles, invite, remove

TEAM = "/desk/team/"


def show(request: DeskRequest) -> Answer:
    """Show the team."""
    members, passkeys = request.app.members.all(), request.app.passkeys
    held = {each.member_id: len(passkeys.keyring(each.member_id).passkey_ids) for each in members}
    done = request.query.get("done", "")
    return Show("team", {"members": members, "roles": ROLES, "passkeys": held, "done": done})


def add(request: DeskRequest) -> Answer:
    """Invite somebody."""
    email, name = request.fields.get("email", ""), request.fields.get("name", "")
    member = invite(email, name, _roles(request), members=request.app.members, now=request.now)
    request.app.sign_in_queue.invite(Invitation(member.member_id, request.visitor.member.member_id))
    request.note("invited", member.label, in_words(member.roles))
    return Go(f"{TEAM}?done=invited")


def give_roles(request: DeskRequest) -> Answer:
    """Give somebody other roles."""
    member = change_roles(request.parts["id"], _roles(request), members=request.app.members, now=request.now)
    request.note("changed the roles of", member.label, in_words(member.roles))
    return Go(f"{TEAM}?done=changed")


def take_out(request: DeskRequest) -> Answer:
    """Remove somebody."""
    member = remove(request.parts["id"], members=request.app.members, passkeys=request.app.passkeys)
    request.note("removed from the team", member.label)
    return Go(f"{TEAM}?done=removed")


def _roles(request: DeskRequest) -> list[Role]:
    return [role for role in Role if request.fields.get(f"role_{role}")]


ROUTES = (
    Route("GET", TEAM, Act.TEAM, show),
    Route("POST", f"{TEAM}invite", Act.TEAM, add),
    Route("POST", f"{TEAM}<id>/roles", Act.TEAM, give_roles),
    Route("POST", f"{TEAM}<id>/remove", Act.TEAM, take_out),
)
