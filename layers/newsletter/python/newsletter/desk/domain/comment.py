"""A comment on an issue that is not public yet, and the link by which somebody without an account leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.core.link_token import LIFETIME, Purpose

KEPT = timedelta(days=366)
"""As long as the desk's log."""

LONGEST = 2000
"""Characters of a comment, and of an answer."""

LONGEST_QUOTE = 160
"""Characters. Enough to find a paragraph again, and to know which one is meant."""

LONGEST_NAME = 80

EACH_ISSUE = 200
"""Comments that an issue may have: more than anybody reads."""

EACH_HOUR = 40
"""Comments by one link, which may have been passed on."""


@dataclass(frozen=True, slots=True)
class CommentLink:
    """An address that was made for somebody to comment by."""

    link_id: str
    made_at: datetime
    made_by: str
    """Whoever of the team asked for it."""
    made_for: str = ""
    """Whom it is for, if that was said."""
    ended: bool = False

    def is_open(self, now: datetime) -> bool:
        """Return whether it can still be used."""
        return not self.ended and now < self.ends_at

    @property
    def ends_at(self) -> datetime:
        """When it ends by itself."""
        return self.made_at + (LIFETIME[Purpose.COMMENT] or timedelta.max)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a paragraph of an issue, or about all of it."""

    at: datetime
    chance: str
    """Tells two comments of one moment apart."""
    link_id: str
    author: str
    """As they called themselves: nobody has proved it."""
    words: str
    line: int = 0
    """Of the file, when it was made; 0 for all of the issue."""
    quote: str = ""
    """How the paragraph began, by which it is found when lines have moved."""
    answer: str = ""
    answered_by: str = ""
    done_by: str = ""
    """Whoever ticked it off; empty while it is open."""

    @property
    def comment_id(self) -> str:
        """How forms name it."""
        return f"{self.at.isoformat(timespec='microseconds').replace('+00:00', 'Z')}-{self.chance}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at it."""
        return not self.done_by
