"""The link under an issue that leads to "Was this useful?": how it is read. It is written by `core.links`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from newsletter.core.link_token import Purpose, SigningKeys, read
from newsletter.core.links import NO_MARK, vote_half_of_issue
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.feedback.domain.response import VoteLink
from newsletter.issues.domain.issue import is_slug


def read_vote_link(query: Mapping[str, str], keys: SigningKeys, *, now: datetime) -> VoteLink:
    """Return what the link says.

    Raises:
        InvalidTokenError: Incomplete, altered, or made for another issue or purpose.
        ExpiredTokenError: Genuine, but too old.
    """
    try:
        token = read(Purpose.VOTE, query.get("token", ""), keys, now=now)
    except ExpiredTokenError as exc:
        raise ExpiredTokenError("answers about this issue are no longer counted") from exc
    slug = query.get("issue", "")
    half = vote_half_of_issue(slug) if is_slug(slug) else ""
    if not half or not token.subscriber_id.startswith(half):
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    mark = token.subscriber_id.removeprefix(half)
    return VoteLink(slug, "" if mark == NO_MARK else mark, token.made_at)
