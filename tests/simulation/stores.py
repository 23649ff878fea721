"""The stores and queues in memory, as they tell the world what they were told."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from newsletter.core.site_file import SiteFile
from newsletter.errors import UnreadableBatchError
from newsletter.feedback.domain.feedback import TAKEN_BACK
from newsletter.issues.jobs.refresh_archive import page_of
from newsletter.readers.domain.shard import Shard
from newsletter.readers.domain.suppression import Suppression
from newsletter.sending.domain.batch import (
    LARGEST_BATCH,
    ONE_CALL,
    Batch,
    BatchState,
    batch_of_part,
    name_in_round,
    part_name,
)
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState
from tests.factories import SLUG
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemorySite
from tests.readers.fakes import MemorySuppressions
from tests.simulation.spoilt_header import SpoilableSends

if TYPE_CHECKING:
    from tests.simulation.world import World


TAKEN_UP = 90
"""Seconds within which a resume that was cut off is finished."""


class WorldSuppressions(MemorySuppressions):
    """Addresses we must not mail."""

    def __init__(self, world: World) -> None:
        super().__init__(subscribers=world.subscribers)
        self.world = world

    def add(self, suppression: Suppression) -> None:
        super().add(suppression)
        self.world.always_there.discard(self.world.subscribers.reader(suppression.subscriber_id))
        self.world.promises.suppress(suppression.subscriber_id)


class WorldSends(SpoilableSends):
    """The sends; what is on record as sent is noted, and a batch can be unreadable."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.unreadable: set[tuple[str, str]] = set()
        self.was_corrupt = False
        self.moved_at: float | None = None
        """When the send last came nearer to its end; None before anybody is planned."""
        self.stood_still = 0.0
        """The longest time in which it did not, in seconds."""
        self._due_since: float | None = None
        self._keys: list[tuple[str, str]] = []
        self.cut_short = 0
        """The round that was cancelled last: whoever was not planned by then is not, until another round begins."""

    def open(self, send: Send) -> Send:
        # As many parts of the list as can be told apart: more would only make each story longer.
        return super().open(replace(send, swept_in=min(send.swept_in, 2)))

    def change(self, slug: str, transition: Callable[[Send], Send | None]) -> Send | None:
        after = super().change(slug, transition)
        self._hold_to_calling_planners()
        if after is not None and after.cancelled:
            self.cut_short = after.round
        if after is not None and after.restored_known:  # a person's word
            self.world.promises.restored.clear()
        if after is not None:
            self.world.promises.hold_send(held=after.state is not SendState.OPEN)
        return after

    def _hold_to_calling_planners(self) -> None:
        """Look for a resumed send whose planners nobody calls, though whoever resumed it may have been cut off."""
        header, now = self.headers[SLUG], self.world.seconds()
        due = header.state is SendState.OPEN and header.planners_due
        late = self._due_since is not None and now - self._due_since > TAKEN_UP
        if late and self.world.weather.is_prompt:
            self.world.promises.breaks(f"a send was resumed, and nobody called its planners for {TAKEN_UP} seconds")
        self._due_since = (self._due_since or now) if due and not late else None

    def _moves(self) -> None:
        now = self.world.seconds()
        if self.moved_at is not None:
            self.stood_still = max(self.stood_still, now - self.moved_at)
        self.moved_at = now

    def add_batch(self, batch: Batch) -> bool:
        self._moves()
        return super().add_batch(batch)

    def finish_shard(self, slug: str, shard: Shard, *, round_number: int = 1) -> None:
        self._moves()
        super().finish_shard(slug, shard, round_number=round_number)

    def close(self, send: Send, books: Books, *, now: datetime) -> bool:
        closed = super().close(send, books, now=now)
        if closed:
            self._moves()
            self.moved_at = None
        return closed

    def batch(self, slug: str, after: str) -> Batch | None:
        self._read(slug, after)
        return super().batch(slug, after)

    def batches(self, slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Batch]:
        if len(self._keys) != len(self.batch_items):  # none is ever removed
            self._keys = sorted(self.batch_items)
        first, bound = ("", "~")
        if shard:
            first, bound = name_in_round(round_number, shard.first), name_in_round(round_number, shard.bound)
        keys = self._keys[bisect_left(self._keys, (slug, first)) : bisect_left(self._keys, (slug, bound))]
        return self._read_each(keys) if self.unreadable else map(self.batch_items.__getitem__, keys)

    def _read_each(self, keys: Iterable[tuple[str, str]]) -> Iterator[Batch]:
        for key in keys:
            self._read(*key)
            yield self.batch_items[key]

    def _read(self, slug: str, after: str) -> None:
        if (slug, after) in self.unreadable:
            raise UnreadableBatchError(f"The batch {after} of {slug} cannot be read.")

    def replace(self, stored: Batch, batch: Batch) -> bool:
        replaced = super().replace(stored, batch)
        if replaced and (self.moved_at is not None or batch.state is not BatchState.DONE):
            self._moves()  # late proof moves nothing that is closed
        if replaced and batch.attempts and batch.state is not BatchState.CLAIMED:
            self.world.promises.restored.discard(batch.after)  # settle has asked the evidence about a dead first claim
        if replaced and batch.outcomes != stored.outcomes:
            for who in set(batch.with_outcome(Outcome.SENT)).difference(stored.with_outcome(Outcome.SENT)):
                self.world.promises.known_as_sent(self.world.subscribers.reader(who))
            given_up = set(batch.with_outcome(Outcome.UNPROVEN)).difference(stored.with_outcome(Outcome.UNPROVEN))
            if given_up:
                self.world.promises.hold_when_giving_up(given_up, self.headers[batch.slug])
        return replaced


@cache
def _parts_of(batch_name: str) -> frozenset[str]:
    return frozenset(part_name(batch_name, position) for position in range(0, LARGEST_BATCH, ONE_CALL))


class WorldEvidence(MemoryEvidence):
    """The evidence; what is on record as accepted is noted."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self._taken: defaultdict[str, set[str]] = defaultdict(set)
        self._taken_back: defaultdict[str, set[str]] = defaultdict(set)

    def accepted(self, slug: str, after: str) -> frozenset[str]:
        assert slug == SLUG
        return frozenset(self._taken[after] - self._taken_back[after])

    def add(self, slug: str, part: str, subscriber_ids: Collection[str], *others: Any, **named: Any) -> Any:
        fresh = super().add(slug, part, subscriber_ids, *others, **named)
        batch_name = batch_of_part(part)
        if part in _parts_of(batch_name):
            self._taken[batch_name].update(self.by_part[slug, part])
            for kind in TAKEN_BACK:
                back = self.events[slug, part].get(kind, ())
                self._taken_back[batch_name].update(each.subscriber_id for each in back)
        for who in subscriber_ids:
            self.world.promises.known_as_sent(self.world.subscribers.reader(who))
        return fresh


class WorldSite(MemorySite):
    """The public archive, which remembers whether the page of the issue ever stood."""

    page_stood = False

    def put(self, file: SiteFile) -> bool:
        self.page_stood = self.page_stood or file.path == page_of(SLUG)
        return super().put(file)
