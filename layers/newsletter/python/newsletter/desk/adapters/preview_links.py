"""The address of the page that shows an issue before it is public: how it is written and how it is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, read, sign
from newsletter.errors import InvalidTokenError
from newsletter.issues.domain.issue import is_slug


@dataclass(frozen=True, slots=True)
class PreviewLinks:
    """Makes the addresses. One issue has the same address as long as its moment stays."""

    public_url: str
    keys: SigningKeys

    def to_page(self, slug: str, *, since: datetime) -> str:
        """Return the address of the preview page of this issue; `since` is the moment that its record keeps."""
        token = sign(Purpose.PREVIEW, _subject(slug), self.keys, now=since)
        return f"{self.public_url}/preview/{slug}.{token}/"


def read_preview(signed: str, keys: SigningKeys, *, now: datetime) -> tuple[str, datetime]:
    """Return the issue that an address speaks of, and the moment in which the address was made.

    Raises:
        InvalidTokenError: Incomplete, altered, or made for another issue or purpose.
        ExpiredTokenError: Genuine, but too old.
    """
    slug, _, token = signed.partition(".")
    opened = read(Purpose.PREVIEW, token, keys, now=now)
    if not is_slug(slug) or opened.subscriber_id != _subject(slug):
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    return slug, opened.made_at


def _subject(slug: str) -> str:
    """Return what the token speaks for: one issue, whatever is uploaded under its name."""
    return hashlib.sha256(f"preview\0{slug}".encode()).digest()[:ID_BYTES].hex()
