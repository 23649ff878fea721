"""Changing the team: inviting somebody, giving other roles, removing somebody. The last owner stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.core.team import Editor, Role
from newsletter.desk.domain.member import Member
from newsletter.desk.passkey_ports import PasskeyStore
from newsletter.desk.session_ports import MemberStore
from newsletter.errors import InvalidRequestError

PLAUSIBLE = re.compile(r"[^\s<>;@,\"]+@[^\s<>;@,\"]+\.[^\s<>;@,\".]+")
"""Whoever is invited hears of it by email or not at all: that is the test of an address, not this pattern."""

BUSY = "the team is being changed by others at the same moment; try again"


def invite(email: str, name: str, roles: Iterable[Role], *, members: MemberStore, now: datetime) -> Member:
    """Add somebody to the team; somebody who is in it gets these roles.

    Raises:
        InvalidRequestError: The address cannot be one, or no role was named.
        StoreBusyError: Others are changing the team at the same moment.
    """
    email, given = email.strip(), frozenset(roles)
    if not PLAUSIBLE.fullmatch(email):
        raise InvalidRequestError(f"{email or 'an empty text'} is not an email address")
    if not given:
        raise InvalidRequestError("name at least one role: writer, approver, keeper or owner")
    invited = Member(email, " ".join(name.split()), given, added_at=now, sessions_from=now)

    def attempt() -> Member | Literal[Race.LOST]:
        known = members.get(invited.member_id)
        if known is None:
            return invited if members.put(invited, joins=True) else LOST
        changed = replace(known.with_roles(given, now=now), name=invited.name or known.name)
        return changed if members.put(changed, joins=False, other_owner=_owner_beside(known, given, members)) else LOST

    return win(attempt, busy=BUSY)


def change_roles(member_id: str, roles: Iterable[Role], *, members: MemberStore, now: datetime) -> Member:
    """Give somebody other roles. Whatever they were doing ends: they sign in again, with the new ones.

    Raises:
        InvalidRequestError: Nobody of the team, no role was named, or it would leave no owner.
        StoreBusyError: Others are changing the team at the same moment.
    """
    given = frozenset(roles)

    def attempt() -> Member | Literal[Race.LOST]:
        member = _required(member_id, members)
        if not given:
            raise InvalidRequestError("somebody without a role cannot do anything; remove them instead")
        changed = member.with_roles(given, now=now)
        return changed if members.put(changed, joins=False, other_owner=_owner_beside(member, given, members)) else LOST

    return win(attempt, busy=BUSY)


def remove(member_id: str, *, members: MemberStore, passkeys: PasskeyStore) -> Member:
    """Take somebody out of the team; all their sessions end with it, and their passkeys are removed.

    Raises:
        InvalidRequestError: Nobody of the team, or the last owner.
        StoreBusyError: Others are changing the team at the same moment.
    """

    def attempt() -> Member | Literal[Race.LOST]:
        member = _required(member_id, members)
        return member if members.remove(member_id, other_owner=_owner_beside(member, frozenset(), members)) else LOST

    removed = win(attempt, busy=BUSY)
    # Should this not be reached, they still open nothing, neither now nor for somebody who is invited again.
    passkeys.remove_all(member_id)
    return removed


def member_id_of(email: str) -> str:
    """Return the id of whoever has this address."""
    return Editor("", email.strip()).editor_id


def _required(member_id: str, members: MemberStore) -> Member:
    member = members.get(member_id)
    if member is None:
        raise InvalidRequestError("this person is not in the team any more")
    return member


def _owner_beside(member: Member, roles: frozenset[Role], members: MemberStore) -> str:
    """Return an owner who has to stay one while this member gets these roles; nothing if the member remains an owner.

    Two owners who take each other's role at the same moment would leave none: the store checks this one as it writes.
    """
    if Role.OWNER in roles or not member.is_owner:
        return ""
    others = [each.member_id for each in members.all() if each.is_owner and each.member_id != member.member_id]
    if not others:
        raise InvalidRequestError(f"{member.label} is the only owner; make somebody else an owner first")
    return others[0]
