"""What passes between people about an issue, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from newsletter.desk.domain.comment import Comment, CommentLink
from newsletter.desk.domain.named_test import NamedTest
from newsletter.desk.domain.presence import Presence


@dataclass
class MemoryReviews:
    """Keeps everything by issue."""

    by_link: dict[tuple[str, str], CommentLink] = field(default_factory=dict)
    by_comment: dict[tuple[str, str], Comment] = field(default_factory=dict)
    by_member: dict[tuple[str, str], Presence] = field(default_factory=dict)
    by_test: dict[tuple[str, str], NamedTest] = field(default_factory=dict)

    def make_link(self, slug: str, comment_link: CommentLink) -> None:
        self.by_link[slug, comment_link.link_id] = comment_link

    def link(self, slug: str, link_id: str) -> CommentLink | None:
        return self.by_link.get((slug, link_id))

    def links(self, slug: str) -> list[CommentLink]:
        return sorted((each for (of, _), each in self.by_link.items() if of == slug), key=lambda link: link.made_at)

    def end_link(self, slug: str, link_id: str) -> bool:
        found = self.by_link.get((slug, link_id))
        if found is not None:
            self.by_link[slug, link_id] = replace(found, ended=True)
        return found is not None

    def add(self, slug: str, comment: Comment) -> None:
        self.by_comment.setdefault((slug, comment.comment_id), comment)

    def comments(self, slug: str) -> list[Comment]:
        return sorted((each for (of, _), each in self.by_comment.items() if of == slug), key=lambda each: each.at)

    def answer(self, slug: str, comment_id: str, words: str, *, answered_by: str) -> bool:
        return self._change(slug, comment_id, answer=words, answered_by=answered_by)

    def tick_off(self, slug: str, comment_id: str, *, done_by: str) -> bool:
        return self._change(slug, comment_id, done_by=done_by)

    def _change(self, slug: str, comment_id: str, **changes: str) -> bool:
        found = self.by_comment.get((slug, comment_id))
        if found is not None:
            self.by_comment[slug, comment_id] = replace(found, **changes)  # type: ignore[arg-type]
        return found is not None

    def note_presence(self, slug: str, presence_of: Presence) -> None:
        self.by_member[slug, presence_of.member_id] = presence_of

    def present(self, slug: str) -> list[Presence]:
        return [each for (of, _), each in self.by_member.items() if of == slug]

    def ask_for_test(self, slug: str, test: NamedTest) -> None:
        self.by_test[slug, test.test_id] = test

    def test(self, slug: str, test_id: str) -> NamedTest | None:
        return self.by_test.get((slug, test_id))
