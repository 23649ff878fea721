"""What passes between people about an issue before it goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.core.editors import Editors
    from newsletter.core.ports import Counters
    from newsletter.desk.domain.comment import Comment, CommentLink
    from newsletter.desk.domain.named_test import NamedTest
    from newsletter.desk.domain.presence import Presence
    from newsletter.issues.ports import ContentStore, IssueStore, PublishQueue


class Reviews(Protocol):
    """Comments, the links they come by, who is there, and tests that wait to be sent."""

    def make_link(self, slug: str, comment_link: CommentLink) -> None: ...

    def link(self, slug: str, link_id: str) -> CommentLink | None: ...

    def links(self, slug: str) -> Sequence[CommentLink]:
        """Return the links of an issue, oldest first."""
        ...

    def end_link(self, slug: str, link_id: str) -> bool:
        """End a link; return whether there is one of this name."""
        ...

    def add(self, slug: str, comment: Comment) -> None: ...

    def comments(self, slug: str) -> Sequence[Comment]:
        """Return the comments on an issue, oldest first."""
        ...

    def answer(self, slug: str, comment_id: str, words: str, *, answered_by: str) -> bool:
        """Write the answer to a comment; return whether there is one of this name."""
        ...

    def tick_off(self, slug: str, comment_id: str, *, done_by: str) -> bool:
        """Mark a comment as done by somebody, or as open again by nobody; return whether there is one of this name."""
        ...

    def note_presence(self, slug: str, presence: Presence) -> None:
        """Remember that somebody is at an issue at this moment."""
        ...

    def present(self, slug: str) -> Sequence[Presence]:
        """Return who was at an issue lately."""
        ...

    def ask_for_test(self, slug: str, test: NamedTest) -> None: ...

    def test(self, slug: str, test_id: str) -> NamedTest | None: ...


@dataclass(frozen=True, slots=True)
class CommentPorts:
    """What commenting on an issue touches."""

    reviews: Reviews
    issues: IssueStore
    content: ContentStore
    counters: Counters
    publish_queue: PublishQueue


@dataclass(frozen=True, slots=True)
class CommentMailPorts:
    """What the email about new comments touches."""

    reviews: Reviews
    issues: IssueStore
    editors: Editors
    public_url: str


@dataclass(frozen=True, slots=True)
class NamedTestPorts:
    """What asking for a test to any address touches."""

    reviews: Reviews
    issues: IssueStore
    counters: Counters
    publish_queue: PublishQueue


def quarter_of(moment: datetime) -> datetime:
    """Return when the quarter of an hour began that a moment is in: of one there is one email about comments."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
