"""What passkeys touch: the store that keeps them, and the ceremonies in which a device adds or uses one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from newsletter.desk.domain.member import Member
    from newsletter.desk.passkeys.passkey import Keyring, Passkey, PasskeyChallenge
    from newsletter.desk.session_ports import ActivityLog, MemberStore, SessionStore
    from newsletter.readers.limiter import Limiter


class PasskeyStore(Protocol):
    """Passkeys, whose they are, and what is being asked of a device at the moment."""

    def keyring(self, member_id: str) -> Keyring: ...

    def start_keyring(self, member_id: str, user_handle: bytes) -> Keyring:
        """Return the keyring of a member, with this handle if it has none yet."""
        ...

    def decline(self, member_id: str) -> None:
        """Remember that the member said "not now"."""
        ...

    def of_member(self, member_id: str) -> Sequence[Passkey]:
        """Return the passkeys of a member, the oldest first."""
        ...

    def find(self, passkey_id: str) -> Passkey | None: ...

    def add(self, passkey: Passkey) -> bool:
        """Keep a passkey; return whether it is new, whosever it may be already."""
        ...

    def note_use(self, passkey: Passkey, sign_count: int, now: datetime) -> bool:
        """Remember its use; return whether it was there, and its counter had not come so far meanwhile."""
        ...

    def remove(self, member_id: str, passkey_id: str) -> bool:
        """Remove a passkey of this member; return whether there was one."""
        ...

    def remove_all(self, member_id: str) -> None:
        """Remove the passkeys of a member, and their keyring."""
        ...

    def ask(self, passkey_challenge: PasskeyChallenge) -> None:
        """Remember a challenge."""
        ...

    def take(self, challenge_hash: str) -> PasskeyChallenge | None:
        """Return a challenge and forget it: of two at once, one gets it."""
        ...


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a browser answers when a passkey is used, of which nothing is believed yet."""

    credential_id: bytes
    user_handle: bytes
    challenge: bytes
    source: Mapping[str, Any]
    """All of it, to be checked."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a browser answers when a passkey is made, of which nothing is believed yet."""

    challenge: bytes
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that a device has just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class Ceremonies(Protocol):
    """WebAuthn, as a browser speaks it: what it is asked, and whether what it answers is proved."""

    def to_add(
        self, challenge: bytes, member: Member, user_handle: bytes, held_passkeys: Iterable[Passkey]
    ) -> Mapping[str, Any]:
        """Return what a browser is asked to make a passkey for; it makes none where one of these is held already."""
        ...

    def to_sign_in(self, challenge: bytes) -> Mapping[str, Any]:
        """Return what a browser is asked to sign in with any passkey of this website."""
        ...

    def attestation(self, answered: str) -> Attestation:
        """Read the answer of a browser that made a passkey.

        Raises:
            PasskeyRefusedError: It is none.
        """
        ...

    def assertion(self, answered: str) -> Assertion:
        """Read the answer of a browser that used a passkey.

        Raises:
            PasskeyRefusedError: It is none.
        """
        ...

    def made(self, attestation: Attestation) -> MadeKey:
        """Return the key that was made, here and for this challenge, by a person whom the device has recognised.

        Raises:
            PasskeyRefusedError: It was not.
        """
        ...

    def proved(self, assertion: Assertion, public_key: bytes) -> int:
        """Return the device's counter, if this key signed the challenge, here, for a person whom the device recognised.

        Raises:
            PasskeyRefusedError: It did not.
        """
        ...


class PasskeyMails(Protocol):
    """Emails about passkeys that wait to be written."""

    def tell_of_passkey(self, member_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class PasskeyPorts:
    """What adding, using and removing passkeys touches."""

    members: MemberStore
    sessions: SessionStore
    activities: ActivityLog
    passkeys: PasskeyStore
    ceremonies: Ceremonies
    limiter: Limiter
    queue: PasskeyMails
