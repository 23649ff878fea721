"""An attempt to sign in: somebody gave an address, and an email with a link and a code is on its way to it."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.core.link_token import LIFETIME, Purpose, SigningKeys

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


def code_of(attempt_id: str, key: str) -> str:
    """Return the six digits in the email. They are made, not stored: no table and no queue holds them."""
    digest = hmac.digest(key.encode(), b"sign-in code\0" + attempt_id.encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def is_code(typed: str, attempt_id: str, keys: SigningKeys) -> bool:
    """Return whether these are the digits; spaces and dashes between them do not matter."""
    digits = re.sub(r"[\s-]", "", typed)
    expected = [code_of(attempt_id, key) for key in keys.accepted(Purpose.SIGN_IN)]
    return any([hmac.compare_digest(digits.encode(), each.encode()) for each in expected])
