"""Somebody without an account reads an issue before it is public, and says something about it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.core.text import one_line
from newsletter.desk.domain.comment import (
    EACH_HOUR,
    EACH_ISSUE,
    KEPT,
    LONGEST,
    LONGEST_NAME,
    LONGEST_QUOTE,
    Comment,
    CommentLink,
)
from newsletter.desk.domain.paragraph import Paragraph, paragraphs, place_of
from newsletter.desk.review_ports import CommentPorts, quarter_of
from newsletter.errors import InvalidTokenError
from newsletter.issues.domain.issue_record import IssueRecord

QUARTER = timedelta(minutes=15)


class CommentResult(StrEnum):
    """What came of a comment."""

    ADDED = "added"
    EMPTY = "empty"
    """It has no words, or nobody's name."""
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    """So many came by this link within the hour that the next has to wait."""
    FULL = "full"
    """The issue has as many as anybody reads."""


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """An issue as somebody sees it who was asked for comments."""

    record: IssueRecord
    link: CommentLink
    text: Sequence[Paragraph]
    comments: Sequence[Comment]
    """Those that came by this link."""

    def about(self, paragraph: Paragraph) -> list[Comment]:
        """Return the comments on a paragraph."""
        return [each for each in self.comments if place_of(each, self.text) == paragraph]

    @property
    def about_nothing_there(self) -> list[Comment]:
        """The comments on the whole issue, and on what has changed since."""
        return [each for each in self.comments if place_of(each, self.text) is None]


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody typed into the form beside a paragraph; all of it is a stranger's."""

    author: str
    words: str
    line: int
    quote: str


def open_issue(slug: str, link_id: str, *, ports: CommentPorts, now: datetime) -> OpenIssue:
    """Return the newest good upload, for whom this link was made.

    Raises:
        InvalidTokenError: The link was ended, or the issue is gone.
    """
    link, record = ports.reviews.link(slug, link_id), ports.issues.get(slug)
    if link is None or not link.is_open(now) or record is None or record.withdrawn:
        raise InvalidTokenError("this link has ended")
    file_bytes = ports.content.version(f"issues/{slug}.md", record.version)
    if file_bytes is None:
        raise InvalidTokenError("this link has ended")
    text = paragraphs(file_bytes.decode("utf-8-sig", errors="replace"))
    own = [each for each in ports.reviews.comments(slug) if each.link_id == link_id]
    return OpenIssue(record, link, text, own)


def comment_on_issue(
    slug: str, link_id: str, remark: Remark, *, ports: CommentPorts, now: datetime
) -> tuple[CommentResult, OpenIssue]:
    """Add a comment, and have the team told of it at the end of this quarter of an hour; return what came of it.

    Raises:
        InvalidTokenError: The link was ended, or the issue is gone.
    """
    opened = open_issue(slug, link_id, ports=ports, now=now)
    words, author = _lines(remark.words), one_line(remark.author)
    if not words or not author:
        return CommentResult.EMPTY, opened
    if len(words) > LONGEST or len(author) > LONGEST_NAME:
        return CommentResult.TOO_LONG, opened
    hour = f"comments#{link_id}#{now:%Y-%m-%dT%H}"
    if ports.counters.bump(hour, expires_at=now + timedelta(hours=2)) > EACH_HOUR:
        return CommentResult.TOO_MANY, opened
    if ports.counters.bump(f"comments#{slug}", expires_at=now + KEPT) > EACH_ISSUE:
        return CommentResult.FULL, opened
    comment = Comment(
        now, secrets.token_hex(4), link_id, author, words, remark.line, one_line(remark.quote)[:LONGEST_QUOTE].rstrip()
    )
    if (place := place_of(comment, opened.text)) is not None:
        comment = replace(comment, line=place.line)
    ports.reviews.add(slug, comment)
    quarter = quarter_of(now)
    counted = f"comments#{slug}#{quarter:%Y-%m-%dT%H:%M}"
    if ports.counters.bump(counted, expires_at=now + timedelta(hours=1)) == 1:
        wait = int((quarter + QUARTER - now).total_seconds()) + 1
        ports.publish_queue.mail_comments(slug, quarter, delay=min(wait, 900))
    return CommentResult.ADDED, replace(opened, comments=[*opened.comments, comment])


def _lines(text: str) -> str:
    """Return the text with plain line ends, without control characters and space around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(one_line(line) for line in lines).strip()
