"""A session: one browser in which somebody is signed in at the desk."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.core.link_token import Purpose, SigningKeys
from newsletter.desk.domain.act import FRESH_FOR
from newsletter.desk.domain.member import Member

IDLE = timedelta(hours=12)
"""Without a passkey: signing in takes an email, and a working day takes one of those."""

IDLE_WITH_PASSKEY = timedelta(days=30)

NOTED_EVERY = timedelta(minutes=15)
"""How exactly it is known when a session was last used: each note is a write."""


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. The store never sees the secret in its cookie, only a hash."""

    session_hash: str
    member_id: str
    opened_at: datetime
    """When this person last proved who they are in this browser."""
    used_at: datetime
    """Fifteen minutes wrong at most."""
    by_passkey: bool = False

    @property
    def ends_at(self) -> datetime:
        """When it ends if it is not used again."""
        return self.used_at + (IDLE_WITH_PASSKEY if self.by_passkey else IDLE)

    @property
    def name(self) -> str:
        """What the log calls this session: enough to tell two apart, too little to use."""
        return self.session_hash[:8]

    def is_fresh(self, now: datetime) -> bool:
        """Return whether this person proved who they are only just now."""
        return now - self.opened_at <= FRESH_FOR

    def is_open(self, member: Member, now: datetime) -> bool:
        """Return whether it still lets this member in; ended sessions stay ended, whoever has their cookie."""
        ended = member.sessions_from is not None and self.opened_at < member.sessions_from
        return self.member_id == member.member_id and not ended and now < self.ends_at


def hash_of(secret: str) -> str:
    """Return what the store knows of a cookie's secret. It is 256 random bits: a plain hash keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(session: Session, keys: SigningKeys) -> str:
    """Return what every form of this session carries, so that no other website can post one for it."""
    return _form_token(session, keys.current)


def is_form_token(typed: str, session: Session, keys: SigningKeys) -> bool:
    """Return whether a form came from a page of this session."""
    expected = [_form_token(session, key) for key in keys.accepted(Purpose.SIGN_IN)]
    return any([hmac.compare_digest(typed.encode(), each.encode()) for each in expected])


def _form_token(session: Session, key: str) -> str:
    return hmac.digest(key.encode(), b"form token\0" + session.session_hash.encode(), "sha256").hex()[:32]
