"""The address by which somebody without an account comments on an issue: how it is written and how it is read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, read, sign
from newsletter.desk.domain.comment import CommentLink
from newsletter.errors import InvalidTokenError
from newsletter.issues.domain.issue import is_slug


@dataclass(frozen=True, slots=True)
class CommentLinks:
    """Makes the addresses: each for one issue and one link of it, which can be ended by itself."""

    public_url: str
    keys: SigningKeys

    def to_page(self, slug: str, comment_link: CommentLink) -> str:
        """Return the address of the page with the text of this issue, for whom this link was made."""
        token = sign(Purpose.COMMENT, _subject(slug, comment_link.link_id), self.keys, now=comment_link.made_at)
        return f"{self.public_url}/comment/{slug}.{comment_link.link_id}.{token}/"


def read_comment_link(signed: str, keys: SigningKeys, *, now: datetime) -> tuple[str, str]:
    """Return the issue and the link that an address speaks of; whether that was ended, the store knows.

    Raises:
        InvalidTokenError: Incomplete, altered, or made for another issue, link or purpose.
        ExpiredTokenError: Genuine, but too old.
    """
    slug, _, rest = signed.partition(".")
    link_id, _, token = rest.partition(".")
    opened = read(Purpose.COMMENT, token, keys, now=now)
    named = is_slug(slug) and re.fullmatch(r"[0-9a-f]{16}", link_id)
    if not named or opened.subscriber_id != _subject(slug, link_id):
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    return slug, link_id


def _subject(slug: str, link_id: str) -> str:
    """Return what the token speaks for: this link of one issue, whatever is uploaded under its name."""
    return hashlib.sha256(f"comment\0{slug}\0{link_id}".encode()).digest()[:ID_BYTES].hex()
