"""Each role as pages and emails name it, and what it is for."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.core.team import Role

ROLES = (
    (Role.WRITER, "Writer", "writes, previews, sends tests, puts on hold"),
    (Role.APPROVER, "Approver", "all that a writer does; approves, releases, withdraws, steers a send"),
    (Role.KEEPER, "List keeper", "looks after readers"),
    (Role.OWNER, "Owner", "everything, with settings and the team"),
)


def in_words(roles: Iterable[Role]) -> str:
    """Return the roles of somebody as the log has them, such as `approver, writer`."""
    return ", ".join(sorted(roles))
