"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from newsletter.core.audience.expression import AudienceExpression
from newsletter.errors import InvalidEmailError, UnreadableRecordError
from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.greeting import Greeting
from newsletter.readers.domain.limits import CountedLimit
from newsletter.readers.domain.shard import PARTITIONS, Shard, partition
from newsletter.readers.domain.sign_up import Known, SignUpWrite
from newsletter.readers.domain.subscriber import Mailbox, Status, Subscriber, subscriber_id
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.list_pages import TaggedPage
from newsletter.readers.part import is_in_part
from newsletter.readers.records_read import RecordsRead
from tests.core.fakes import MemoryCounters


class PlainAddresses:
    """Takes everything with an @ for an address."""

    def mailbox(self, text: str) -> Mailbox:
        if "@" not in text:
            raise InvalidEmailError("This does not look like an email address. Please check it.")
        return Mailbox(text, text.lower())

    def subscriber_id(self, mailbox: Mailbox) -> str:
        return subscriber_id(mailbox, "key of the tests")


class MemorySubscribers:
    """The list and its audience index."""

    def __init__(self, *subscribers: Subscriber) -> None:
        self.by_id: dict[str, Subscriber] = {}
        self.unreadable: set[str] = set()
        """Ids of records in which somebody else has written."""
        for subscriber in subscribers:
            assert self.save(subscriber)

    def get(self, subscriber_id: str) -> Subscriber | None:
        if subscriber_id in self.unreadable:
            raise UnreadableRecordError(f"the record of subscriber {subscriber_id} cannot be read")
        return self.by_id.get(subscriber_id)

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        known = {who: self.by_id[who] for who in subscriber_ids if who in self.by_id}
        unreadable = self.unreadable.intersection(known) if self.unreadable else frozenset[str]()
        for who in unreadable:
            del known[who]
        return RecordsRead(known, unreadable=unreadable)

    def save(self, subscriber: Subscriber) -> bool:
        if not self._still(subscriber):
            return False
        self.by_id[subscriber.subscriber_id] = replace(subscriber, version=subscriber.version + 1)
        return True

    def save_both(self, subscriber: Subscriber, another_subscriber: Subscriber) -> bool:
        if not (self._still(subscriber) and self._still(another_subscriber)):
            return False
        return self.save(subscriber) and self.save(another_subscriber)

    def erase(self, subscriber: Subscriber) -> bool:
        if not self._still(subscriber):
            return False
        self.by_id.pop(subscriber.subscriber_id, None)
        return True

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:
        for who in sorted(self.by_id):
            if after < who < shard.bound and is_in_part(self.by_id[who], matching):
                yield who

    def size(self, *, matching: AudienceExpression | None = None, partitions: int = PARTITIONS) -> int:
        return sum(
            is_in_part(each, matching) for who, each in self.by_id.items() if int(partition(who), 16) < partitions
        )

    def everyone(
        self, *, subscriber_status: Status | None = None, segment: int = 0, segments: int = 1
    ) -> Iterator[Subscriber]:
        for who, subscriber in list(self.by_id.items()):
            if int(who, 16) % segments == segment and subscriber_status in (None, subscriber.status):
                yield subscriber

    def changed_since(self, moment: datetime, *, segment: int, segments: int) -> Iterator[Subscriber]:
        for each in self.everyone(segment=segment, segments=segments):
            at = each.confirmed_at if each.status is Status.CONFIRMED else each.left_at if each.moved_to else None
            if at is not None and at >= moment and each.subscriber_id not in self.unreadable:
                yield each

    def to_remind(self, day: date) -> Iterator[str]:
        for who, subscriber in sorted(self.by_id.items()):
            due = (subscriber.signed_up_at + timedelta(days=3)).date()
            if subscriber.status is Status.UNCONFIRMED and subscriber.reminded_at is None and due == day:
                yield who

    def _still(self, subscriber: Subscriber) -> bool:
        stored = self.by_id.get(subscriber.subscriber_id)
        return (stored.version if stored else 0) == subscriber.version


class MemoryTaggedReaders:
    """Those of a list who have a tag."""

    def __init__(self, subscribers: MemorySubscribers) -> None:
        self._subscribers = subscribers

    def page(self, tag: str, *, after: str, limit: int) -> TaggedPage:
        ids = [
            each.subscriber_id
            for _, each in sorted(self._subscribers.by_id.items())
            if each.subscriber_id > after and each.in_audience and tag in each.tags
        ]
        return TaggedPage(ids[:limit], ids[limit - 1] if len(ids) > limit else "")


class MemorySuppressions:
    """Addresses we must not mail."""

    def __init__(self, *suppressions: Suppression, subscribers: MemorySubscribers | None = None) -> None:
        self.by_id = {each.subscriber_id: each for each in suppressions}
        self.subscribers = subscribers or MemorySubscribers()

    def get(self, subscriber_id: str) -> Suppression | None:
        return self.by_id.get(subscriber_id)

    def add(self, suppression: Suppression) -> None:
        stored = self.by_id.get(suppression.subscriber_id)
        if stored is None or stored.reason is SuppressionReason.ERASED:
            self.by_id[suppression.subscriber_id] = suppression

    def lift(self, subscriber_id: str) -> None:
        self.by_id.pop(subscriber_id, None)

    def free(self, subscriber: Subscriber) -> bool:
        if not self.subscribers.save(subscriber):
            return False
        self.lift(subscriber.subscriber_id)
        return True

    def suppress(self, suppression: Suppression, existing: Subscriber | None) -> bool:
        stored = self.subscribers.get(suppression.subscriber_id)
        if (stored.version if stored else 0) != (existing.version if existing else 0):
            return False
        if existing is not None and not existing.suppressed:
            self.subscribers.save(replace(existing, suppressed=True))
        self.add(suppression)
        return True

    def erase(self, tombstone: Suppression, subscriber: Subscriber) -> bool:
        if not self.subscribers.erase(subscriber):
            return False
        self.add(tombstone)
        return True

    def get_many(self, subscriber_ids: Collection[str]) -> Mapping[str, Suppression]:
        return {who: self.by_id[who] for who in subscriber_ids if who in self.by_id}

    def after(self, subscriber_id: str, *, limit: int) -> list[Suppression]:
        return [self.by_id[who] for who in sorted(self.by_id) if who > subscriber_id][:limit]

    def note_listed(self, subscriber_id: str, day: date) -> None:
        if subscriber_id in self.by_id:
            self.by_id[subscriber_id] = replace(self.by_id[subscriber_id], listed_on=day)

    def everyone(self, *, segment: int = 0, segments: int = 1) -> Iterator[Suppression]:
        yield from (each for who, each in list(self.by_id.items()) if int(who, 16) % segments == segment)


class MemoryNewcomers:
    """People who are new to a list."""

    def __init__(self, subscribers: MemorySubscribers, suppressions: MemorySuppressions) -> None:
        self._subscribers = subscribers
        self._suppressions = suppressions

    def add(self, newcomers: Sequence[Subscriber]) -> frozenset[str]:
        welcome = [each for each in newcomers if self._suppressions.get(each.subscriber_id) is None]
        return frozenset(each.subscriber_id for each in welcome if self._subscribers.save(each))


class MemorySignUps:
    """What a sign-up asks and leaves."""

    def __init__(
        self, subscribers: MemorySubscribers, suppressions: MemorySuppressions, counters: MemoryCounters
    ) -> None:
        self._subscribers = subscribers
        self._suppressions = suppressions
        self._counters = counters

    def look(self, subscriber_id: str, counter_keys: Collection[str]) -> Known:
        counts = {key: self._counters.count(key) for key in counter_keys}
        return Known(self._subscribers.get(subscriber_id), self._suppressions.get(subscriber_id), counts)

    def record(self, subscriber: Subscriber, of_address: CountedLimit) -> SignUpWrite:
        if self._has_had_enough(of_address):
            return SignUpWrite.TOO_MANY
        if not self._subscribers.save(subscriber):
            return SignUpWrite.LOST
        return self._counted(of_address)

    def pass_over(self, subscriber: Subscriber, of_address: CountedLimit) -> SignUpWrite:
        if self._has_had_enough(of_address):
            return SignUpWrite.TOO_MANY
        return self._counted(of_address) if self._suppressions.get(subscriber.subscriber_id) else SignUpWrite.LOST

    def _has_had_enough(self, of_address: CountedLimit) -> bool:
        return self._counters.count(of_address.counter.key) >= of_address.limit.most

    def _counted(self, of_address: CountedLimit) -> SignUpWrite:
        self._counters.bump(of_address.counter.key, expires_at=of_address.counter.expires_at)
        return SignUpWrite.WRITTEN


class MemoryConfirmationHold:
    """Whether confirmation email is held."""

    def __init__(self) -> None:
        self.state = ConfirmationHold()

    def get(self) -> ConfirmationHold:
        return self.state


def no_network_held(network: str) -> MemoryConfirmationHold:
    """Return the hold of a network that nobody holds."""
    del network
    return MemoryConfirmationHold()


@dataclass
class MemoryDisposable:
    """A short list of disposable domains."""

    domains: frozenset[str] = frozenset()

    def is_disposable(self, domain: str) -> bool:
        return domain in self.domains


@dataclass
class MemoryAddressInsights:
    """A short list of addresses at which nothing arrives, and which were asked about."""

    undeliverable: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def is_undeliverable(self, email: str) -> bool:
        self.asked.append(email)
        return email in self.undeliverable


@dataclass
class MemoryMailDomains:
    """A short list of domains that take no mail."""

    without_mail: frozenset[str] = frozenset()

    def takes_no_mail(self, domain: str) -> bool:
        return domain.lower() in self.without_mail


class RecordingGreetQueue:
    """Remembers whom to write to."""

    def __init__(self) -> None:
        self.greetings: list[Greeting] = []

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:  # noqa: ARG002 - when is not asked
        self.greetings.append(greeting)
