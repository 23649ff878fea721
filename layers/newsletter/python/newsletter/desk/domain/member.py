"""A member of the team: somebody who may sign in at the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.core.team import Editor, Role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may sign in at the desk, and what they may do there."""

    email: str
    name: str = ""
    """May be empty."""
    roles: frozenset[Role] = frozenset()
    added_at: datetime | None = None
    """None for whoever is in the parameters of the deployment only."""
    sessions_from: datetime | None = None
    """Sessions that were opened before are ended; None where none were ever ended together."""

    @property
    def member_id(self) -> str:
        """The same as the editor's id in mailed links."""
        return self.as_editor.editor_id

    @property
    def label(self) -> str:
        """What to call this person before the others."""
        return self.name or self.email

    @property
    def is_owner(self) -> bool:
        """Whether this person may do everything."""
        return Role.OWNER in self.roles

    @property
    def is_editor(self) -> bool:
        """Whether the editors' emails, with their links, are for this person; not for a mere list keeper."""
        return bool(self.roles - {Role.KEEPER})

    @property
    def as_editor(self) -> Editor:
        """The person as decisions know them."""
        approves = self.roles & {Role.APPROVER, Role.OWNER}
        return Editor(self.name, self.email, Role.APPROVER if approves else Role.WRITER)

    def with_roles(self, roles: Iterable[Role], *, now: datetime) -> Member:
        """Return the member with other roles; whoever is signed in has to sign in again."""
        return replace(self, roles=frozenset(roles), sessions_from=now)


def first_members(owner_email: str, editors: Iterable[Editor]) -> tuple[Member, ...]:
    """Return the team as the deployment's parameters name it, until the desk keeps one of its own.

    Args:
        owner_email: Of the parameter `EditorEmail`: the first owner.
        editors: Of the parameter `Editors`; may be empty, and may hold the owner.
    """
    members = {}
    for editor in editors:
        members[editor.editor_id] = Member(editor.email, editor.name, frozenset({editor.role}))
    owner_id = Editor("", owner_email).editor_id
    owner = members.pop(owner_id, Member(owner_email))
    return (replace(owner, roles=owner.roles | {Role.OWNER}), *members.values())
