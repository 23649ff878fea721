"""An API key: what a program shows in place of a person who signs in."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.core.team import Editor, Role
from newsletter.desk.domain.act import Act, roles_may

LONGEST_NAME = 60

MOST = 40
"""Keys of a stack. Each program has one of its own; with more of them nobody knows any more whose each is."""

PREFIX = "fn_live_"
"""By which a person, and a scanner of repositories, tells that this is a key of ours."""

WRITTEN = re.compile(r"fn_live_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)
"""The id of the key, and its secret of 256 bits."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. The store never sees its secret, only a hash."""

    key_id: str
    secret_hash: str
    name: str
    """What it is for, as whoever made it calls it."""
    roles: frozenset[Role]
    made_by: str
    """The address of the owner who made it."""
    made_at: datetime
    used_on: date | None = None
    """The last day on which it was used (UTC); None if it never was."""

    @property
    def label(self) -> str:
        """What the log and the emails to the editors call it."""
        return f"{self.name} (API key)"

    @property
    def session_name(self) -> str:
        """What the log has in place of a session."""
        return f"key {self.key_id[:8]}"

    @property
    def as_editor(self) -> Editor:
        """Who decides by this key: its maker.

        Where an approval has to be another person's, two keys of one owner are not two people.
        """
        approves = self.roles & {Role.APPROVER, Role.OWNER}
        return Editor(self.label, self.made_by, Role.APPROVER if approves else Role.WRITER)

    def may(self, act: Act) -> bool:
        """Return whether a program with this key may do this."""
        return roles_may(self.roles, act)

    def is_opened_by(self, secret: str) -> bool:
        """Return whether this is its secret; the time that takes tells nothing about it."""
        return hmac.compare_digest(self.secret_hash, _hash_of(secret))


def make(name: str, roles: Collection[Role], made_by: str, now: datetime) -> tuple[ApiKey, str]:
    """Return a new key and how it is written, which nobody can read again afterwards."""
    key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
    return ApiKey(key_id, _hash_of(secret), name, frozenset(roles), made_by, now), f"{PREFIX}{key_id}_{secret}"


def parts_of(written: str) -> tuple[str, str] | None:
    """Return the id and the secret of what may be a key; None if it is not written like one."""
    found = WRITTEN.fullmatch(written)
    return (found[1], found[2]) if found else None


def _hash_of(secret: str) -> str:
    # 256 random bits: a plain hash keeps them, and a slow one would only cost every request.
    return hashlib.sha256(secret.encode()).hexdigest()
