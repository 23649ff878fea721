"""Who joined, left and stands on the list, counted from the records themselves: exact, however often it is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.reports.domain.sign_up_source import MOST_COUNTED, NEW_ADDRESS, OTHER, countable_source

MOST_TAGS_COUNTED = 20_000
"""Of one part of the list; more than anybody can tell apart."""

NO_REASON = "not_said"
"""Most people leave without a word, and may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """Of one record on the list, only what is counted: no address, no name, no id."""

    status: Status
    suppressed: bool = False
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    left_because: str = ""
    moved_to: str = ""
    page: str = ""
    """Where they signed up, as their receipt names it."""
    moved_from_another: bool = False
    """The record came from a change of address."""
    tags: tuple[str, ...] = ()

    @property
    def in_audience(self) -> bool:
        """Whether the next issue is planned for this reader."""
        return self.status is Status.CONFIRMED and not self.suppressed

    def joined(self, since: datetime) -> datetime | None:
        """Return when a reader confirmed; None for one who changed the address, or who left since and came back."""
        came_back = self.status is Status.CONFIRMED and self.left_at is not None and self.left_at >= since
        return None if self.moved_to or self.moved_from_another or came_back else self.confirmed_at

    @property
    def left(self) -> datetime | None:
        """When a reader left who has not come back; None for an address that was changed, or never confirmed."""
        if self.status is Status.CONFIRMED or self.moved_to:
            return None
        never_a_reader = self.status is Status.UNSUBSCRIBED and self.confirmed_at is None
        return None if never_a_reader else self.left_at


@dataclass
class Census:
    """Counts of many records, which can be added up."""

    on_list: int = 0
    """Confirmed, and not suppressed."""
    unconfirmed: int = 0
    """Asked, and have not confirmed yet."""
    joined: Counter[date] = field(default_factory=Counter)
    joined_from: Counter[str] = field(default_factory=Counter)
    """By the page or form."""
    on_list_from: Counter[str] = field(default_factory=Counter)
    """Readers on the list, by the page or form where they signed up."""
    left: Counter[tuple[date, str]] = field(default_factory=Counter)
    """By day and reason."""
    left_at: Counter[datetime] = field(default_factory=Counter)
    """By hour."""
    tagged: Counter[str] = field(default_factory=Counter)
    """Readers on the list, by tag."""

    def __add__(self, other: Census) -> Census:
        """Return the counts of both."""
        return Census(
            self.on_list + other.on_list,
            self.unconfirmed + other.unconfirmed,
            self.joined + other.joined,
            self.joined_from + other.joined_from,
            self.on_list_from + other.on_list_from,
            self.left + other.left,
            self.left_at + other.left_at,
            self.tagged + other.tagged,
        )

    @property
    def left_because(self) -> Counter[str]:
        """How many left, by reason."""
        reasons: Counter[str] = Counter()
        for (_, reason), number in self.left.items():
            reasons[reason] += number
        return reasons


def count(records: Iterable[RecordFacts], *, since: datetime, until: datetime, zone: ZoneInfo) -> Census:
    """Count records in one pass and bounded memory; who joined and left counts from `since` and before `until`."""
    census = Census()
    for record in records:
        census.on_list += record.in_audience
        source = NEW_ADDRESS if record.moved_from_another else countable_source(record.page)
        if record.in_audience:
            _count_source(census.on_list_from, source)
            census.tagged.update(
                tag for tag in record.tags if tag in census.tagged or len(census.tagged) < MOST_TAGS_COUNTED
            )
        census.unconfirmed += record.status is Status.UNCONFIRMED
        joined, left = record.joined(since), record.left
        if joined and since <= joined < until:
            census.joined[joined.astimezone(zone).date()] += 1
            _count_source(census.joined_from, source)
        if left and since <= left < until:
            census.left[left.astimezone(zone).date(), record.left_because or NO_REASON] += 1
            census.left_at[left.replace(minute=0, second=0, microsecond=0)] += 1
    return census


def _count_source(counts: Counter[str], source: str) -> None:
    counts[source if source in counts or len(counts) < MOST_COUNTED else OTHER] += 1


def suppressed(
    all_suppressions: Iterable[Suppression], *, since: datetime, until: datetime, zone: ZoneInfo, slug: str = ""
) -> Counter[tuple[date, str]]:
    """Return how many were suppressed by day and reason; with a slug, only what that issue brought to light.

    Whoever asked to be forgotten is counted without regard to the issue: nothing but the day is left of them.
    """
    counts: Counter[tuple[date, str]] = Counter()
    for suppression in all_suppressions:
        of_issue = not slug or suppression.slug == slug or suppression.reason is SuppressionReason.ERASED
        if of_issue and since <= suppression.since < until:
            counts[suppression.since.astimezone(zone).date(), str(suppression.reason)] += 1
    return counts
