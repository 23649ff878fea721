"""Links to comment by: made for somebody without an account, and ended."""

from __future__ import annotations

import secrets
from datetime import datetime

from newsletter.core.text import one_line
from newsletter.desk.domain.comment import LONGEST_NAME, CommentLink
from newsletter.desk.review_ports import Reviews
from newsletter.errors import InvalidRequestError

MOST_LINKS = 20
"""Open ones of an issue: each can be passed on, and an editor should know them all."""


def make_comment_link(slug: str, made_for: str, *, made_by: str, reviews: Reviews, now: datetime) -> CommentLink:
    """Make a link to comment on an issue by.

    Raises:
        InvalidRequestError: It has too many already.
    """
    if sum(link.is_open(now) for link in reviews.links(slug)) >= MOST_LINKS:
        raise InvalidRequestError(f"there are {MOST_LINKS} links for comments on this issue; end one of them first")
    # An address tells moments by the second.
    made_at, name = now.replace(microsecond=0), one_line(made_for)[:LONGEST_NAME]
    link = CommentLink(secrets.token_hex(8), made_at, made_by, name)
    reviews.make_link(slug, link)
    return link
