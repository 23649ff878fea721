"""The team: the people who write and release issues, what each may do, and whether one alone may approve."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ID_DIGITS = 16
"""Of an editor's id in a link. It is no secret: what counts is the signature beside it."""

ONE_PERSON = re.compile(r"([^<>;@]*)<\s*([^\s<>;@]+@[^\s<>;@]+)\s*>\s*(writer|approver)")
"""As in `Ann Lee <ann@example.org> approver`; template.yaml refuses what is not like this at the deployment already."""


class Role(StrEnum):
    """What a person of the team may do; at the desk somebody may have several, and the owner has all."""

    WRITER = "writer"
    """Sees previews, sends tests, and holds."""
    APPROVER = "approver"
    """All of that; approves, releases and withdraws too."""
    KEEPER = "keeper"
    """Keeps the list of readers."""
    OWNER = "owner"
    """May do everything; looks after settings and the team."""


class Approval(StrEnum):
    """Whose approval an issue needs before it is sent."""

    OFF = "off"
    """Nobody's."""
    ANYONE = "anyone"
    """That of any approver."""
    ANOTHER = "another"
    """That of an approver who did not upload it last, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Editor:
    """One person of the team."""

    name: str
    """May be empty."""
    email: str
    """Empty for somebody at the command line who is not in the list."""
    role: Role = Role.APPROVER

    @property
    def editor_id(self) -> str:
        """The person in a link; it stays the same while the address does."""
        return hashlib.sha256(self.email.casefold().encode()).hexdigest()[:ID_DIGITS]

    @property
    def label(self) -> str:
        """What to call this person before the others."""
        return self.name or self.email

    @property
    def approves(self) -> bool:
        """Whether this person may do more than write, look and hold."""
        return self.role in (Role.APPROVER, Role.OWNER)

    def is_known_as(self, identity: str) -> bool:
        """Return whether this is who AWS means: by the address, by what stands before its @, or by the name."""
        own = {self.email, self.email.partition("@")[0], self.name} - {""}
        return identity.casefold() in {each.casefold() for each in own}


def read_team(text: str) -> tuple[Editor, ...]:
    """Return the people of a list such as `Ann Lee <ann@example.org> approver; Ben <ben@example.org> writer`.

    Raises:
        ValueError: One of them is not written like that.
    """
    people: dict[str, Editor] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        found = ONE_PERSON.fullmatch(part)
        if found is None:
            raise ValueError(f"{part!r} is not like: Ann Lee <ann@example.org> approver")
        people.setdefault(found[2].casefold(), Editor(" ".join(found[1].split()), found[2], Role(found[3])))
    return tuple(people.values())


def read_approval(text: str) -> Approval:
    """Return whose approval is needed; `true` and `false` are what the parameter said before it knew more.

    Raises:
        ValueError: It is none of these words.
    """
    return {"true": Approval.ANYONE, "false": Approval.OFF}.get(text) or Approval(text)


def known_as(identity: str, people: Iterable[Editor]) -> Editor | None:
    """Return the one editor whom AWS knows by this name; None if there is none, or more than one."""
    found = [each for each in people if each.is_known_as(identity)]
    return found[0] if len(found) == 1 else None
