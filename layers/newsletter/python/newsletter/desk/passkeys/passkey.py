"""A passkey: a key on somebody's own device, which signs them in at the desk with a fingerprint, a face or a PIN."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.desk.domain.member import Member

CHALLENGE_LIFETIME = timedelta(minutes=5)
"""From the press of the button to the finger on the reader; a phone that has to be fetched takes a few minutes."""

CHALLENGE_BYTES = 32

MOST = 10
"""Passkeys of one member: phone, laptop, the office's machine, a security key in a drawer, and the ones before."""

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of a member. The private half never leaves the device, or the person's own cloud."""

    passkey_id: str
    """A hash of what the device calls it; no two of them are the same, whosever they are."""
    member_id: str
    credential_id: bytes
    """What the device calls it."""
    user_handle: bytes
    """What the device calls the person: chance, and no address."""
    public_key: bytes
    """COSE (RFC 9052)."""
    added_at: datetime
    name: str = ""
    """As the member calls it, or a number."""
    sign_count: int = 0
    """How often the device says that it was used; most say 0 for ever."""
    used_at: datetime | None = None

    def is_of(self, member: Member) -> bool:
        """Return whether it lets this member in: one from before they joined the team, or joined again, does not."""
        return self.member_id == member.member_id and (member.added_at is None or self.added_at >= member.added_at)

    def is_copied(self, sign_count: int) -> bool:
        """Return whether a device that counts its uses has counted backwards: two devices hold the same key.

        Source: https://www.w3.org/TR/webauthn-3/#sctn-sign-counter
        """
        return bool(sign_count or self.sign_count) and sign_count <= self.sign_count


@dataclass(frozen=True, slots=True)
class Keyring:
    """What is kept of a member beside their passkeys themselves."""

    user_handle: bytes = b""
    """The same on every device of theirs; empty until they add the first passkey."""
    passkey_ids: frozenset[str] = frozenset()
    declined: bool = False
    """Whether they said "not now" when a passkey was offered."""


@dataclass(frozen=True, slots=True)
class PasskeyChallenge:
    """What a device has to sign. The store knows a hash of it, hands it out once, and soon forgets it."""

    challenge_hash: str
    bound_to: str
    """A hash of the cookie of the browser that asked."""
    asked_at: datetime
    to_add: bool = False
    """Whether it is for a new passkey; else it is for signing in."""

    @property
    def ends_at(self) -> datetime:
        """The last moment at which it counts."""
        return self.asked_at + CHALLENGE_LIFETIME

    def is_for(self, bound_to: str, *, to_add: bool, now: datetime) -> bool:
        """Return whether this browser asked for it, for this, and not too long ago."""
        return self.bound_to == bound_to and self.to_add is to_add and now <= self.ends_at


@dataclass(frozen=True, slots=True)
class PasskeyNews:
    """A passkey was added to somebody, and an email says so to them: it may not have been they. An id, for a queue."""

    member_id: str


def id_of(credential_id: bytes) -> str:
    """Return the id of a passkey that a device calls this."""
    return hashlib.sha256(credential_id).hexdigest()


def challenge_hash(challenge: bytes) -> str:
    """Return what the store knows of a challenge. It is 256 random bits: a plain hash keeps it."""
    return hashlib.sha256(challenge).hexdigest()
