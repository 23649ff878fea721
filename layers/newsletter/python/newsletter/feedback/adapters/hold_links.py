"""The link in the editors' email about held confirmations: how it is written and how it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, read, sign
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.feedback.domain.hold_link import HoldLink
from newsletter.readers.domain.limits import Lane

TOO_OLD = "the link is too old; the hold it speaks of has ended by itself"
"""For editors, and so in no other language than English."""


@dataclass(frozen=True, slots=True)
class HoldLinks:
    """Makes the links."""

    public_url: str
    keys: SigningKeys

    def to_release(self, hold_link: HoldLink, *, now: datetime) -> str:
        """Return the address of the page with the button."""
        token = sign(Purpose.RELEASE, _subject(hold_link), self.keys, now=now)
        query = {"lane": str(hold_link.lane), "since": hold_link.held_at.isoformat(), "token": token}
        return f"{self.public_url}/release?{urlencode(query)}"


def read_hold_link(query: Mapping[str, str], keys: SigningKeys, *, now: datetime) -> HoldLink:
    """Return which hold the link speaks of.

    Raises:
        InvalidTokenError: Incomplete, altered, or made for another hold or purpose.
        ExpiredTokenError: Genuine, but too old.
    """
    try:
        token = read(Purpose.RELEASE, query.get("token", ""), keys, now=now)
    except ExpiredTokenError as exc:
        raise ExpiredTokenError(TOO_OLD) from exc
    try:
        hold_link = HoldLink(Lane(query.get("lane", "")), datetime.fromisoformat(query.get("since", "")))
    except ValueError as exc:
        raise InvalidTokenError("the link is incomplete; open it from the email again") from exc
    if _subject(hold_link) != token.subscriber_id:
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    return hold_link


def _subject(hold_link: HoldLink) -> str:
    """Return what the token speaks for: one hold."""
    return hashlib.sha256(f"{hold_link.lane}\0{hold_link.held_at.isoformat()}".encode()).digest()[:ID_BYTES].hex()
