"""The readers of a story: what they do while an issue goes out, and what the index shows of it, some minutes later."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.core.audience.expression import AudienceExpression
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.shard import Shard
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.moving import moved, moved_in
from newsletter.readers.part import attributes_of
from tests.readers.fakes import MemorySubscribers

if TYPE_CHECKING:
    from tests.simulation.world import World


class WorldSubscribers(MemorySubscribers):
    """The list; whoever must not be mailed from now on is barred, and its index is behind."""

    def __init__(self, world: World, *subscribers: Subscriber) -> None:
        super().__init__()
        self.by_id = {each.subscriber_id: each for each in subscribers}
        self.languages = {each.subscriber_id: each.lang for each in subscribers}
        self.world = world
        self.first_ids: dict[str, str] = {}
        """Of an address that a reader moved to: the id they had at first."""
        self.shown: dict[str, tuple[bool, datetime]] = {}
        """Whether the index shows somebody, and until when it goes on to say so."""
        self.longest_lag = timedelta(0)
        self._in_order: list[str] = []
        self._is_out_of_order = False

    def reader(self, subscriber_id: str) -> str:
        """Return the id that a reader had at first, whatever address they have by now."""
        return self.first_ids.get(subscriber_id, subscriber_id)

    def language(self, subscriber_id: str) -> str:
        """Return what the reader reads; they take it along wherever they move."""
        return self.languages[self.reader(subscriber_id)]

    def save(self, subscriber: Subscriber) -> bool:
        stored = self.by_id.get(subscriber.subscriber_id)
        if not super().save(subscriber):
            return False
        self._lag(subscriber.subscriber_id, shown=stored is not None and stored.in_audience)
        self._changed(subscriber)
        self.languages.setdefault(self.reader(subscriber.subscriber_id), subscriber.lang)
        return True

    def _changed(self, subscriber: Subscriber) -> None:
        who = subscriber.subscriber_id
        if subscriber.moved_to:
            self.world.promises.bar(who, "moved to another address")
        elif not subscriber.in_audience or subscriber.rests_until is not None:
            self.world.always_there.discard(self.reader(who))
            self.world.promises.bar(who, f"{subscriber.status}, paused until {subscriber.rests_until}")
        else:
            self.world.promises.welcome(who)

    def erase(self, subscriber: Subscriber) -> bool:
        erased = super().erase(subscriber)
        self._is_out_of_order = True
        if erased:
            self.world.always_there.discard(self.reader(subscriber.subscriber_id))
            self.world.promises.bar(subscriber.subscriber_id, "erased")
        return erased

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:
        """Yield what the index shows, which is not what the list holds."""
        now = self.world.clock.now()
        if len(self._in_order) != len(self.by_id) or self._is_out_of_order:
            self._in_order, self._is_out_of_order = sorted(self.by_id), False
        begin, end = bisect_right(self._in_order, after), bisect_left(self._in_order, shard.bound)
        for who in self._in_order[begin:end]:
            shown, until = self.shown.get(who, (False, now))
            person = self.by_id[who]
            if (shown if now < until else person.in_audience) and (
                matching is None or matching.holds(attributes_of(person))
            ):
                yield who

    def _lag(self, who: str, *, shown: bool) -> None:
        if self.longest_lag:
            self.shown[who] = shown, self.world.clock.now() + self.longest_lag * self.world.random.random()

    # --- what happens to them -----------------------------------------------------------------------------------------

    def some_confirm_just_now(self) -> None:
        """Let some have confirmed within the hour before the story begins: the index does not show them yet."""
        self.longest_lag = timedelta(minutes=self.world.weather.lag * self.world.random.choice((0, 0.5, 1)))
        for person in list(self.by_id.values()) if self.longest_lag else ():
            if self.world.random.random() < 0.2:
                minutes = self.world.random.uniform(0, 50)
                self.by_id[person.subscriber_id] = replace(
                    person, confirmed_at=self.world.start - timedelta(minutes=minutes)
                )
                self._lag(person.subscriber_id, shown=False)

    def move(self, person: Subscriber) -> None:
        """Let a reader confirm another address."""
        world, now = self.world, self.world.clock.now()
        if not person.in_audience or person.moved_to:
            return
        world.newest += 1
        new_address = world.person(world.newest)
        asked = Move(new_id=new_address.subscriber_id, email=new_address.email, asked_at=now)
        new = moved_in(person, None, move=asked, consent=Consent(asked_at=now, page="preferences"), now=now)
        self.first_ids[new.subscriber_id] = self.reader(person.subscriber_id)
        world.note(f"moves: {person.subscriber_id} to {new.subscriber_id}")
        assert self.save_both(new, moved(person, new.subscriber_id, now=now))

    def forget(self, person: Subscriber) -> None:
        """Erase a reader, and the addresses they moved away from."""
        for one in (*(self.by_id[old] for old in person.came_from if old in self.by_id), person):
            tombstone = Suppression(one.subscriber_id, SuppressionReason.ERASED, self.world.start)
            self.world.suppressions.erase(tombstone, one)

    def spoil(self) -> None:
        """Write something into a record that is none of ours, once a story at most."""
        if self.by_id and not self.unreadable and not self.was_spoilt:
            self.was_spoilt = True
            self.unreadable = {self.world.random.choice(list(self.by_id))}
            for who in self.unreadable:
                self.world.always_there.discard(self.reader(who))
            self.world.note(f"cannot be read: the record of {self.unreadable}")

    was_spoilt = False
