"""What can be done at the desk, by whom, and what takes a fresh sign-in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from newsletter.core.team import Role
from newsletter.desk.domain.member import Member

FRESH_FOR = timedelta(minutes=15)
"""After a sign-in: somebody who imports a list in the morning is not asked again for each of its files."""


class Act(StrEnum):
    """One kind of thing that can be done at the desk."""

    LOOK = "look"
    """At issues, the calendar, results, and what others did."""
    WRITE = "write"
    """Issues and their files; previews and tests; and to hold."""
    DECIDE = "decide"
    """To approve, to release, to withdraw; days of the calendar."""
    SEND = "send"
    """To send at once; to pause, resume and cancel a send."""
    PEOPLE = "people"
    """To see and change readers."""
    CARRY = "carry"
    """To import and export readers."""
    SETTINGS = "settings"
    TEAM = "team"
    """To invite, to change roles, to remove."""
    ACCOUNT = "account"
    """To see one's own account."""
    PASSKEYS = "passkeys"
    """To add and remove one's own passkeys."""

    @property
    def takes_fresh_sign_in(self) -> bool:
        """Whether it reaches so many people, or lasts so long, that a session of yesterday is not enough.

        A passkey is for good: whoever has stolen a cookie must not turn it into one.
        """
        return self in (Act.SEND, Act.CARRY, Act.TEAM, Act.PASSKEYS)


EVERYBODY = frozenset(Role)

MAY: dict[Act, frozenset[Role]] = {
    Act.LOOK: EVERYBODY,
    Act.WRITE: frozenset({Role.WRITER, Role.APPROVER, Role.OWNER}),
    Act.DECIDE: frozenset({Role.APPROVER, Role.OWNER}),
    Act.SEND: frozenset({Role.APPROVER, Role.OWNER}),
    Act.PEOPLE: frozenset({Role.KEEPER, Role.OWNER}),
    Act.CARRY: frozenset({Role.KEEPER, Role.OWNER}),
    Act.SETTINGS: frozenset({Role.OWNER}),
    Act.TEAM: frozenset({Role.OWNER}),
    Act.ACCOUNT: EVERYBODY,
    Act.PASSKEYS: EVERYBODY,
}
"""Who may do what."""


def may(member: Member, act: Act) -> bool:
    """Return whether this person may do this."""
    return roles_may(member.roles, act)


def roles_may(roles: Collection[Role], act: Act) -> bool:
    """Return whether somebody, or a program, with these roles may do this."""
    return not MAY[act].isdisjoint(roles)
