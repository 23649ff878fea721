"""Tokens: signed links that work for one purpose, for one subscriber, and say nothing to whoever reads them.

A token is 36 bytes in base64url: 4 of the moment it was made, 16 of the subscriber id, 16 of a keyed hash over both and
the purpose. One that confirms a change of address has 52: it names the new id too. Ids are themselves keyed hashes, so
nothing in a token can be read back to a person.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from newsletter.errors import ExpiredTokenError, InvalidTokenError

ID_BYTES = 16
HASH_BYTES = 16
"""128 bits: nobody guesses one over an API that answers 25 requests a second."""
TOKEN_BYTES = 4 + ID_BYTES + HASH_BYTES


class Purpose(StrEnum):
    """What a token allows; one made for one purpose never works for another."""

    CONFIRM = "confirm"
    MOVE = "move"
    """To send the newsletter to another address from now on; mailed to that address."""
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    DECIDE = "decide"
    REPORT = "report"


LIFETIME: dict[Purpose, timedelta | None] = {
    Purpose.CONFIRM: timedelta(days=7),
    Purpose.MOVE: timedelta(days=7),
    Purpose.UNSUBSCRIBE: None,  # leaving works for ever
    Purpose.PREFERENCES: None,  # it is in the footer of every issue, and people keep issues
    Purpose.DECIDE: timedelta(days=60),  # an issue waits for a slot or two; every upload brings a fresh link
    Purpose.REPORT: timedelta(days=400),  # a report is looked at again when the year is over
}


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys that sign links: `current` signs, `previous` is still accepted during a rotation.

    A `retired` key opens links to leave, because those must work for ever, and nothing else: it may be one that was
    stolen, and whoever has it writes any date into a token.
    """

    current: str
    previous: str = ""
    retired: tuple[str, ...] = ()

    def accepted(self, purpose: Purpose) -> list[str]:
        """Return the keys that may have signed a token for this purpose, newest first."""
        live = [self.current, self.previous]
        lasting = self.retired if purpose is Purpose.UNSUBSCRIBE else ()
        return [key for key in (*live, *lasting) if key]


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says once its signature has been checked."""

    subscriber_id: str
    made_at: datetime
    new_id: str = ""
    """Of the address that the subscriber moves to, where the purpose is MOVE."""


def sign(purpose: Purpose, subscriber_id: str, keys: SigningKeys, *, now: datetime, new_id: str = "") -> str:
    """Return a token for the purpose and the subscriber; `new_id` goes with MOVE alone."""
    content = int(now.timestamp()).to_bytes(4, "big") + bytes.fromhex(subscriber_id + new_id)
    return base64.urlsafe_b64encode(content + _hash(purpose, content, keys.current)).decode()


def read(purpose: Purpose, token: str, keys: SigningKeys, *, now: datetime) -> Token:
    """Return what the token says.

    Raises:
        InvalidTokenError: Truncated, altered, foreign, or made for another purpose.
        ExpiredTokenError: Genuine, but older than its purpose allows.
    """
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as exc:
        raise InvalidTokenError("the link is not complete; open it from the mail again") from exc
    content, given = raw[:-HASH_BYTES], raw[-HASH_BYTES:]
    # Every accepted key is tried, whatever the first says: the time taken tells nothing about the keys.
    matches = [hmac.compare_digest(given, _hash(purpose, content, key)) for key in keys.accepted(purpose)]
    wanted = TOKEN_BYTES + ID_BYTES if purpose is Purpose.MOVE else TOKEN_BYTES
    if len(raw) != wanted or not any(matches):
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the mail again")
    made_at = datetime.fromtimestamp(int.from_bytes(content[:4], "big"), UTC)
    lifetime = LIFETIME[purpose]
    if lifetime is not None and now - made_at > lifetime:
        raise ExpiredTokenError("the link is too old; sign up again to get a new one")
    ids = content[4:].hex()
    return Token(ids[: 2 * ID_BYTES], made_at, ids[2 * ID_BYTES :])


def is_for_move(token: str) -> bool:
    """Return whether a token has the length of one that confirms a change of address; nothing of it is believed yet."""
    return len(token) == -(-(TOKEN_BYTES + ID_BYTES) // 3) * 4  # base64: four characters for each three bytes


def _hash(purpose: Purpose, content: bytes, key: str) -> bytes:
    # In one call, which takes a third of the time of making an object for it: each mail carries two.
    return hmac.digest(key.encode(), purpose.encode() + b"\0" + content, "sha256")[:HASH_BYTES]
