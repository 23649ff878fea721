"""New comments on an issue: one email to the team for all of a quarter of an hour."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.comment import Comment
from newsletter.desk.review_ports import CommentMailPorts, quarter_of

LONGEST_IN_MAIL = 300
"""Characters of a comment: its writer is a stranger, and whoever reads the email may take it for ours."""


def mail_comments(slug: str, quarter: datetime, *, ports: CommentMailPorts) -> bool:
    """Mail the editors the comments of this quarter of an hour; return whether there were any.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
    """
    record = ports.issues.get(slug)
    new = [each for each in ports.reviews.comments(slug) if quarter_of(each.at) == quarter]
    if record is None or record.withdrawn or not new:
        return False
    ports.editors.tell(
        "editors_comments",
        title=record.title,
        comments=[(each.author, each.quote, _shortened(each)) for each in new],
        page_url=f"{ports.public_url}/desk/issues/{slug}/#comments",
    )
    return True


def _shortened(comment: Comment) -> str:
    words = " ".join(comment.words.split())
    return words if len(words) <= LONGEST_IN_MAIL else f"{words[:LONGEST_IN_MAIL].rstrip()}…"
