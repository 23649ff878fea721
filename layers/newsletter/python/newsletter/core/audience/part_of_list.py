"""Who gets an issue: the part of the list that its editors named, and of that, who chose to hear of it in this way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from newsletter.core.audience.expression import AllOf, AudienceExpression, Comparison, Condition, Not, OneOf, Relation
from newsletter.core.audience.grammar import parse_audience
from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_of
from newsletter.core.audience.words import part_in_words


@dataclass(frozen=True, slots=True)
class PartOfList:
    """The readers of one issue."""

    audience: str = ""
    """What its editors named, as an expression; empty for everybody."""
    reading_rhythm: ReadingRhythm | None = None
    """Whose issue it is by what readers chose; None where they have no choice."""
    month: str = ""
    """The month whose digest it is, or in which it goes out; empty where readers have no choice."""

    @property
    def expression(self) -> AudienceExpression | None:
        """How the table finds these readers; None for everybody."""
        written = parse_audience(self.audience) if self.audience else None
        if self.reading_rhythm is None:
            return written
        # Attributes of the record that no editor can name: see `Subscriber.gets_digest_of`.
        since = Comparison("digest_since", Relation.AT_MOST, self.month)
        digest = OneOf((since, Comparison("digest_months", Relation.IS, self.month)))
        theirs: Condition = digest if self.reading_rhythm is ReadingRhythm.MONTHLY else Not(digest)
        return AudienceExpression(self.audience, AllOf((written.condition, theirs)) if written else theirs)

    @property
    def in_words(self) -> str:
        """These readers, as a sentence names them."""
        part = part_in_words(self.audience)
        if self.reading_rhythm is None:
            return part
        chosen = "the monthly digest" if self.reading_rhythm is ReadingRhythm.MONTHLY else "every issue"
        return f"{part}, of those who get {chosen}" if self.audience else f"everybody who gets {chosen}"


def part_of_list(expression_text: str, digest: str, *, offers_digest: bool, day: date) -> PartOfList:
    """Return who gets an issue.

    Args:
        expression_text: The part that its editors named; empty for everybody.
        digest: The month whose digest it is; empty for any other issue.
        offers_digest: Whether readers can choose a digest.
        day: On which it goes out, by the newsletter's clock.
    """
    if digest:
        return PartOfList(expression_text, ReadingRhythm.MONTHLY, digest)
    if not offers_digest:
        return PartOfList(expression_text)
    return PartOfList(expression_text, ReadingRhythm.EVERY_ISSUE, month_of(day))
