"""Tokens: signed links that work for one purpose, for one subscriber, and say nothing to whoever reads them.

A token is 36 bytes in base64url: 4 of the moment it was made, 16 of the subscriber id, 16 of a keyed hash over both and
the purpose. One that confirms a change of address has 52: it names the new id too. One that confirms a sign-up behind
which another waits for the same mailbox has 39: it says the how manieth it is. Ids are themselves keyed hashes, so
nothing in a token can be read back to a person.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from newsletter.errors import ExpiredTokenError, InvalidTokenError

ID_BYTES = 16
HASH_BYTES = 16
"""128 bits: nobody guesses one over an API that answers 25 requests a second."""
TOKEN_BYTES = 4 + ID_BYTES + HASH_BYTES
BLOCK_BYTES = 64
INNER, OUTER = bytes(each ^ 0x36 for each in range(256)), bytes(each ^ 0x5C for each in range(256))
"""What HMAC makes of each byte of a key, and the size of what SHA-256 takes in at once."""

NUMBER_BYTES = 3
"""Of the number of a sign-up. One would do, but 39 bytes fill base64 to the end, so that no link holds a `=`."""


class Purpose(StrEnum):
    """What a token allows; one made for one purpose never works for another."""

    CONFIRM = "confirm"
    MOVE = "move"
    """To send the newsletter to another address from now on; mailed to that address."""
    RENEW = "renew"
    """To go on getting the newsletter; mailed to a reader whose consent has grown old."""
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    """The link in every footer: a pause and its end. It shows nothing."""
    ACCOUNT = "account"
    """To see, change, take along and erase everything; mailed to the address when its owner asks for it."""
    VOTE = "vote"
    """To say once whether an issue was useful; it names the issue and no reader."""
    DECIDE = "decide"
    RELEASE = "release"
    """To let confirmations go on that are held; for editors."""
    PREVIEW = "preview"
    """To see the page of an issue that is not public yet."""
    COMMENT = "comment"
    """To read the text of an issue that is not public yet, and to comment on it."""
    REPORT = "report"
    CALENDAR = "calendar"
    """To read the calendar of issues in a calendar program; it names a member of the team."""
    SIGN_IN = "sign_in"
    """To come to the desk; it names an attempt, and the browser that began it."""


RENEW_WITHIN = timedelta(days=30)
"""How long a reader may take to renew their consent."""

LIFETIME: dict[Purpose, timedelta | None] = {
    Purpose.CONFIRM: timedelta(days=7),
    Purpose.MOVE: timedelta(days=7),
    Purpose.RENEW: RENEW_WITHIN,
    Purpose.UNSUBSCRIBE: None,  # leaving works for ever
    Purpose.PREFERENCES: None,  # what it may still do after a year is for `link_rights` to say: nothing but leave
    Purpose.ACCOUNT: timedelta(hours=1),
    Purpose.VOTE: timedelta(days=30),  # an issue is read within days; which links have voted is remembered as long
    Purpose.DECIDE: timedelta(days=60),  # an issue waits for a slot or two; every upload brings a fresh link
    Purpose.RELEASE: timedelta(days=2),  # no hold lasts longer than hours without a new one
    Purpose.PREVIEW: timedelta(days=30),  # an issue waits for a slot or two; near the end uploads bring a fresh one
    Purpose.COMMENT: timedelta(days=30),  # as long as the preview
    Purpose.SIGN_IN: timedelta(minutes=10),  # whoever asks is waiting for the email
    Purpose.CALENDAR: None,  # a calendar program asks for years; it ends with the membership, or with the keys
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
        lasting = self.retired if purpose is Purpose.UNSUBSCRIBE else ()
        return [key for key in (self.current, self.previous, *lasting) if key]


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says once its signature has been checked."""

    subscriber_id: str
    made_at: datetime
    purpose: Purpose
    new_id: str = ""
    """Of the address that the subscriber moves to, where the purpose is MOVE."""
    sign_up: int = 0
    """Which of the sign-ups that wait for this mailbox the link was mailed for, where the purpose is CONFIRM."""
    by_retired_key: bool = False
    """Whether a key signed it that is out of use; whoever stole that key writes any moment into a token."""


def sign(
    purpose: Purpose, subscriber_id: str, keys: SigningKeys, *, now: datetime, new_id: str = "", sign_up: int = 0
) -> str:
    """Return a token for the purpose and the subscriber; `new_id` goes with MOVE alone, `sign_up` with CONFIRM."""
    number = sign_up.to_bytes(NUMBER_BYTES, "big") if sign_up else b""
    content = int(now.timestamp()).to_bytes(4, "big") + bytes.fromhex(subscriber_id + new_id) + number
    return base64.urlsafe_b64encode(content + _hash(purpose, content, keys.current)).decode()


def read(purpose: Purpose, signed: str, keys: SigningKeys, *, now: datetime) -> Token:
    """Return what the token says.

    Raises:
        InvalidTokenError: Truncated, altered, foreign, or made for another purpose.
        ExpiredTokenError: Genuine, but older than its purpose allows.
    """
    try:
        raw = base64.b64decode(signed.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as exc:
        raise InvalidTokenError("the link is incomplete; open it from the email again") from exc
    content, given = raw[:-HASH_BYTES], raw[-HASH_BYTES:]
    # Every accepted key is tried, whatever the first says: the time taken tells nothing about the keys.
    accepted = keys.accepted(purpose)
    matching = [key for key in accepted if hmac.compare_digest(given, _hash(purpose, content, key))]
    if len(raw) not in _lengths(purpose) or not matching:
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    made_at = datetime.fromtimestamp(int.from_bytes(content[:4], "big"), UTC)
    lifetime = LIFETIME[purpose]
    if lifetime is not None and now - made_at > lifetime:
        raise ExpiredTokenError("the link is too old; sign up again to get a new one")
    first, more = content[4 : 4 + ID_BYTES].hex(), content[4 + ID_BYTES :]
    if purpose is Purpose.MOVE:
        return Token(first, made_at, purpose, new_id=more.hex())
    retired = matching[0] in keys.retired
    return Token(first, made_at, purpose, sign_up=int.from_bytes(more, "big"), by_retired_key=retired)


def read_either(purposes: Sequence[Purpose], signed: str, keys: SigningKeys, *, now: datetime) -> Token:
    """Return what a token says that was made for one of these purposes.

    Raises:
        InvalidTokenError: Made for none of them.
        ExpiredTokenError: Genuine, but older than its purpose allows.
    """
    *others, last = purposes
    for purpose in others:
        with suppress(InvalidTokenError):
            return read(purpose, signed, keys, now=now)
    return read(last, signed, keys, now=now)


def _lengths(purpose: Purpose) -> tuple[int, ...]:
    if purpose is Purpose.MOVE:
        return (TOKEN_BYTES + ID_BYTES,)
    return (TOKEN_BYTES, TOKEN_BYTES + NUMBER_BYTES) if purpose is Purpose.CONFIRM else (TOKEN_BYTES,)


def is_for_move(signed: str) -> bool:
    """Return whether a token has the length of one that confirms a change of address; nothing of it is believed yet."""
    return len(signed) == -(-(TOKEN_BYTES + ID_BYTES) // 3) * 4  # base64: four characters for each three bytes


def _hash(purpose: Purpose, content: bytes, key: str) -> bytes:
    # Each email carries two, and the half of the work that is about the key alone is done once.
    kept_inner, kept_outer = _begun_with(key)
    inner, outer = kept_inner.copy(), kept_outer.copy()
    inner.update(purpose.encode() + b"\0" + content)
    outer.update(inner.digest())
    return outer.digest()[:HASH_BYTES]


@lru_cache(maxsize=16)
def _begun_with(key: str) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Return the inner and the outer hash of HMAC-SHA256 as they stand once they have taken in the key.

    Source: https://www.rfc-editor.org/rfc/rfc2104
    """
    secret = key.encode()
    block = (hashlib.sha256(secret).digest() if len(secret) > BLOCK_BYTES else secret).ljust(BLOCK_BYTES, b"\0")
    return hashlib.sha256(block.translate(INNER)), hashlib.sha256(block.translate(OUTER))
