"""An attempt to sign in: somebody gave an address, and an email with a link and a code is on its way to it."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.core.link_token import ID_BYTES, LIFETIME, TOKEN_BYTES, Purpose, SigningKeys, read, sign
from newsletter.errors import ExpiredTokenError, InvalidTokenError

GUESSES = 5
"""Codes that may be tried in one attempt: people mistype once or twice."""

WRONG_CODES_A_DAY = 10
"""For one member, in all attempts together. A stranger who asks for emails in somebody's name has 10 of a million
codes a day; then only the link in the email works, which no stranger gets."""

KEPT = timedelta(hours=1)
"""Afterwards, so that a link that is pressed too late can be answered with what happened."""


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """One attempt; it is kept for strangers as well, so that the answer takes as long for them."""

    attempt_id: str
    """32 hexadecimal digits."""
    member_id: str
    """Empty for an address that is not of the team."""
    browser_hash: str
    """Of the secret in the cookie of the browser that asked."""
    asked_at: datetime
    secret: str
    """Of which link and code are made, and which nothing but the function that signs in and the one that mails reads.
    With a key of the deployment instead, every function that knows the key could sign in as anybody."""
    guesses: int = 0
    """Wrong codes so far."""
    used: bool = False

    @property
    def ends_at(self) -> datetime:
        """When link and code end."""
        lifetime = LIFETIME[Purpose.SIGN_IN]
        assert lifetime is not None  # noqa: S101 - a constant
        return self.asked_at + lifetime

    def is_open(self, now: datetime) -> bool:
        """Return whether somebody can still sign in by it."""
        return bool(self.member_id) and not self.used and now <= self.ends_at


def code_of(attempt_id: str, secret: str) -> str:
    """Return the six digits in the email. They are made of the attempt's own secret: no queue holds them."""
    digest = hmac.digest(secret.encode(), b"sign-in code\0" + attempt_id.encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def is_code(typed: str, attempt_id: str, secret: str) -> bool:
    """Return whether these are the digits; spaces and dashes between them do not matter."""
    digits = re.sub(r"[\s-]", "", typed)
    return hmac.compare_digest(digits.encode(), code_of(attempt_id, secret).encode())


def link_token(attempt: SignInAttempt) -> str:
    """Return what the link in the email carries, signed with the attempt's own secret."""
    return sign(Purpose.SIGN_IN, attempt.attempt_id, SigningKeys(attempt.secret), now=attempt.asked_at)


def attempt_named_by(signed: str) -> str:
    """Return which attempt a link names, of which nothing is believed yet; empty if it names none."""
    try:
        content = base64.b64decode(signed.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return ""
    return content[4 : 4 + ID_BYTES].hex() if len(content) == TOKEN_BYTES else ""


def is_link(signed: str, attempt: SignInAttempt, *, now: datetime) -> bool:
    """Return whether this is what the link carries, and not too old."""
    try:
        read(Purpose.SIGN_IN, signed, SigningKeys(attempt.secret), now=now)
    except (InvalidTokenError, ExpiredTokenError):
        return False
    return True
