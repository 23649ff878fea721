"""Actions about the team and its log: of the function `sign_in`.

Not of `control`: whoever steers sends may invoke that, and could make themselves an owner, who sees the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from newsletter.control.acting import Action, carry_out
from newsletter.control.requests import required_text
from newsletter.core.team import Role, known_as
from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.role_words import in_words
from newsletter.desk.passkeys.passkey import Keyring
from newsletter.desk.sessions.change_team import change_roles, invite, member_id_of, remove
from newsletter.errors import InvalidRequestError, PermanentError, TeamUnreadError
from newsletter.wiring import App

MOST = 10_000
"""Lines of a month in one answer: Lambda answers with 6 MB at most."""


def team(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    """Return who is in the team."""
    return {"members": [_plain(member, app.passkeys.keyring(member.member_id)) for member in app.members.all()]}


def invite_member(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Add somebody to the team, and have them told by email."""
    name = str(request.get("name", ""))
    member = invite(required_text(request, "email"), name, _roles(request), members=app.members, now=now)
    app.sign_in_queue.invite(Invitation(member.member_id, _inviter(request, app)))
    return _done(member)


def change_member_roles(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Give somebody other roles."""
    return _done(change_roles(_member_id(request), _roles(request), members=app.members, now=now))


def remove_member(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Take somebody out of the team."""
    return {"label": remove(_member_id(request), members=app.members, passkeys=app.passkeys).label}


def log(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return a month of the log, newest first; `cut` says that there was more."""
    month = str(request.get("month") or f"{now:%Y-%m}")
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise InvalidRequestError('"month" should be a month such as "2026-12"')
    lines = app.activities.month(month, most=MOST)
    return {
        "month": month,
        "lines": [
            {
                "at": each.at.isoformat(), "actor": each.actor, "did": each.did, "what": each.what,
                "details": each.details, "session": each.session,
            }
            for each in lines
        ],
        "cut": len(lines) == MOST,
    }  # fmt: skip


TEAM_ACTIONS: dict[str, Action] = {
    "team": team,
    "invite_member": invite_member,
    "change_member_roles": change_member_roles,
    "remove_member": remove_member,
    "log": log,
}


def act_on_team(raw_request: object, load_app: Callable[[], App], now: datetime) -> dict[str, Any]:
    """Do what somebody at the command line asks for, and return the answer.

    Raises:
        StoreBusyError: It can be asked again.
    """
    try:
        return carry_out(raw_request, TEAM_ACTIONS, load_app, now)
    except PermanentError as problem:
        return {"error": str(problem)}


def _member_id(request: Mapping[str, Any]) -> str:
    return member_id_of(required_text(request, "email"))


def _roles(request: Mapping[str, Any]) -> list[Role]:
    asked = request.get("roles")
    if not isinstance(asked, list) or not asked or not all(each in tuple(Role) for each in asked):
        raise InvalidRequestError(f'"roles" should be a list of {", ".join(Role)}')
    return [Role(each) for each in asked]


def _inviter(request: Mapping[str, Any], app: App) -> str:
    """Return the member as whom AWS knows whoever asks; nothing if that is nobody of the team."""
    try:
        editor = known_as(str(request.get("by", "")), app.editors.team)
    except TeamUnreadError:  # the member is in the team already; who invited them is only courtesy
        return ""
    return editor.editor_id if editor else ""


def _done(member: Member) -> dict[str, Any]:
    return {"label": member.label, "roles": in_words(member.roles)}


def _plain(member: Member, keyring: Keyring) -> dict[str, Any]:
    added = member.added_at.isoformat() if member.added_at else None
    return {
        "email": member.email, "name": member.name, "roles": sorted(member.roles), "added_at": added,
        "passkeys": len(keyring.passkey_ids),
    }  # fmt: skip
