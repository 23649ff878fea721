"""Changing the team: inviting somebody, giving other roles, removing somebody. The last owner stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from newsletter.core.team import Role
from newsletter.desk.domain.member import Member
from newsletter.desk.session_ports import MemberStore
from newsletter.errors import InvalidRequestError

PLAUSIBLE = re.compile(r"[^\s<>;@,\"]+@[^\s<>;@,\"]+\.[^\s<>;@,\".]+")
"""Whoever is invited hears of it by email or not at all: that is the test of an address, not this pattern."""


def invite(email: str, name: str, roles: Iterable[Role], *, members: MemberStore, now: datetime) -> Member:
    """Add somebody to the team; somebody who is in it gets these roles.

    Raises:
        InvalidRequestError: The address cannot be one, or no role was named.
    """
    email, given = email.strip(), frozenset(roles)
    if not PLAUSIBLE.fullmatch(email):
        raise InvalidRequestError(f"{email or 'an empty text'} is not an email address")
    if not given:
        raise InvalidRequestError("name at least one role: writer, approver, keeper or owner")
    member = Member(email, " ".join(name.split()), given, added_at=now, sessions_from=now)
    known = members.get(member.member_id)
    if known is not None:
        _keep_an_owner(known, given, members)
        member = replace(known.with_roles(given, now=now), name=member.name or known.name)
    members.put(member)
    return member


def change_roles(member_id: str, roles: Iterable[Role], *, members: MemberStore, now: datetime) -> Member:
    """Give somebody other roles. Whatever they were doing ends: they sign in again, with the new ones.

    Raises:
        InvalidRequestError: Nobody of the team, no role was named, or it would leave no owner.
    """
    given = frozenset(roles)
    member = members.get(member_id)
    if member is None:
        raise InvalidRequestError("this person is not in the team any more")
    if not given:
        raise InvalidRequestError("somebody without a role cannot do anything; remove them instead")
    _keep_an_owner(member, given, members)
    changed = member.with_roles(given, now=now)
    members.put(changed)
    return changed


def remove(member_id: str, *, members: MemberStore) -> Member:
    """Take somebody out of the team; all their sessions end with it.

    Raises:
        InvalidRequestError: Nobody of the team, or the last owner.
    """
    member = members.get(member_id)
    if member is None:
        raise InvalidRequestError("this person is not in the team any more")
    _keep_an_owner(member, frozenset(), members)
    members.remove(member_id)
    return member


def _keep_an_owner(member: Member, roles: frozenset[Role], members: MemberStore) -> None:
    owners = {each.member_id for each in members.all() if each.is_owner}
    if Role.OWNER not in roles and owners == {member.member_id}:
        raise InvalidRequestError(f"{member.label} is the only owner; make somebody else an owner first")
