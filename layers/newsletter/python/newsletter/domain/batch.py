"""A batch: up to 50 recipients of one send, who share a claim and one write of outcomes.

Batches form a chain. A batch is named by the id after which it begins (`after`, exclusive) and covers the ids up to
its last one, so the next batch begins after that. Two planners at the same place compete for the same name, one of
them wins, and the other continues behind the winner: batches cannot overlap, and no id falls between two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.domain.outcome import Outcome

LARGEST_BATCH = 50
"""SES takes 50 destinations in one bulk call."""

CLAIM_LEASE = timedelta(seconds=60)
"""A worker hands over to SES within this time of its claim, or gives the claim back unused."""

MOST_ATTEMPTS = 5
"""An entry that SES answers with FAILED is tried this often; then it is a failure with a reason."""


class BatchState(StrEnum):
    """Where a batch stands."""

    PLANNED = "planned"
    """Somebody in it waits to be sent to, and no worker holds it."""
    CLAIMED = "claimed"
    """A worker holds it. If the worker dies, nobody knows what SES accepted."""
    IN_DOUBT = "in_doubt"
    """Nobody waits, but for somebody SES gave no clear answer."""
    DONE = "done"
    """Everybody in it has an outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some recipients of one send, and what became of them so far."""

    slug: str
    after: str
    """The id, or the shard's first characters, after which this batch begins. Its name, and its SES tag."""
    ids: tuple[str, ...]
    outcomes: tuple[Outcome | None, ...]
    """By position; None is not sent to yet."""
    state: BatchState = BatchState.PLANNED
    attempts: int = 0
    """Claims so far that may have led to something: SES accepted, answered FAILED, or gave no clear answer."""
    claim: str = ""
    touched_at: datetime
    """When it was planned, claimed or recorded last."""

    @classmethod
    def of(cls, slug: str, after: str, ids: tuple[str, ...], *, now: datetime) -> Batch:
        """Return a new batch in which everybody still waits."""
        return cls(slug=slug, after=after, ids=ids, outcomes=(None,) * len(ids), touched_at=now)

    @property
    def last(self) -> str:
        """The id after which the next batch begins."""
        return self.ids[-1]

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids that have no outcome yet."""
        return tuple(who for who, outcome in zip(self.ids, self.outcomes, strict=True) if outcome is None)

    @property
    def in_doubt(self) -> tuple[str, ...]:
        """The ids that SES may or may not have accepted."""
        doubted = (None, Outcome.UNKNOWN) if self.state is BatchState.CLAIMED else (Outcome.UNKNOWN,)
        return tuple(who for who, outcome in zip(self.ids, self.outcomes, strict=True) if outcome in doubted)

    def claimed(self, claim: str, *, now: datetime) -> Batch:
        """Return the batch in the hands of one worker."""
        return replace(self, state=BatchState.CLAIMED, claim=claim, attempts=self.attempts + 1, touched_at=now)

    def recorded(self, outcomes: Mapping[str, Outcome], *, now: datetime, harmless: bool = False) -> Batch:
        """Return the batch with these outcomes added, free for the next worker if somebody still waits.

        A claim that SES provably did nothing with (throttled, no room) is `harmless`, and not counted: however long
        SES keeps us waiting, nobody comes nearer to being given up.
        """
        merged = tuple(outcomes.get(who, before) for who, before in zip(self.ids, self.outcomes, strict=True))
        attempts = self.attempts - 1 if harmless else self.attempts
        return replace(self, outcomes=merged, state=_state(merged), claim="", attempts=attempts, touched_at=now)

    def is_dead(self, *, now: datetime, grace: timedelta) -> bool:
        """Return whether evidence has had its time: the lease is over and the grace period too."""
        return (
            now - self.touched_at >= CLAIM_LEASE + grace
            if self.state is BatchState.CLAIMED
            else (now - self.touched_at >= grace)
        )

    def resolved(self, accepted: Collection[str], *, now: datetime, grace: timedelta) -> Batch | None:
        """Return the batch with its doubts resolved by evidence, or None while it is too early to tell.

        Whoever is in `accepted` was sent to. Whoever is not, once the grace period is over, waits again.
        """
        doubted = self.in_doubt
        if not doubted:
            return None
        proved = {who: Outcome.SENT for who in doubted if who in accepted}
        over = self.is_dead(now=now, grace=grace)
        if not over and (len(proved) < len(doubted) or self.state is BatchState.CLAIMED):
            return None
        undecided = {who for who in doubted if who not in proved}
        merged = tuple(
            None if who in undecided else proved.get(who, before)
            for who, before in zip(self.ids, self.outcomes, strict=True)
        )
        return replace(self, outcomes=merged, state=_state(merged), claim="", touched_at=now)


def _state(outcomes: tuple[Outcome | None, ...]) -> BatchState:
    if None in outcomes:
        return BatchState.PLANNED
    return BatchState.IN_DOUBT if Outcome.UNKNOWN in outcomes else BatchState.DONE


def split(ids: Iterator[str], size: int = LARGEST_BATCH) -> Iterator[tuple[str, ...]]:
    """Yield the ids in groups of `size`; the last may be smaller."""
    group: list[str] = []
    for who in ids:
        group.append(who)
        if len(group) == size:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)
