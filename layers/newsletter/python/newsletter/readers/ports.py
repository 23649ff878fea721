"""Ports of this wing: interfaces to the outside world, in the words of its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.ports import Counters, Mailer, MailRenderer
from newsletter.readers.domain.shard import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date

    from newsletter.core.archive_entry import ArchiveEntry
    from newsletter.core.audience.expression import AudienceExpression
    from newsletter.core.reader_fields.reader_field import ReaderField
    from newsletter.readers.address_ports import AddressInsights, DisposableDomains
    from newsletter.readers.domain.confirmation_hold import ConfirmationHold
    from newsletter.readers.domain.greeting import Greeting
    from newsletter.readers.domain.limits import Lane
    from newsletter.readers.domain.shard import Shard
    from newsletter.readers.domain.subscriber import Mailbox, Status, Subscriber
    from newsletter.readers.domain.suppression import Suppression
    from newsletter.readers.limiter import Limiter
    from newsletter.readers.records_read import RecordsRead


class Addresses(Protocol):
    """Checks and normalises addresses."""

    def mailbox(self, text: str) -> Mailbox:
        """Raises: InvalidEmailError: The text is not an address we can write to."""
        ...

    def subscriber_id(self, mailbox: Mailbox) -> str:
        """Return the keyed hash that stands for this mailbox everywhere."""
        ...


class SubscriberStore(Protocol):
    """The list."""

    def get(self, subscriber_id: str) -> Subscriber | None:
        """Read one subscriber, consistently.

        Raises:
            UnreadableRecordError: There is a record, and it cannot be read.
        """
        ...

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        """Read several subscribers, consistently; one record that cannot be read keeps none of the others back."""
        ...

    def save(self, subscriber: Subscriber) -> bool:
        """Write over the version that `subscriber` was made from; False if somebody else wrote meanwhile."""
        ...

    def save_both(self, subscriber: Subscriber, another_subscriber: Subscriber) -> bool:
        """Do the same with two records: both, or neither."""
        ...


class Newcomers(Protocol):
    """People who are new to the list."""

    def add(self, newcomers: Sequence[Subscriber]) -> frozenset[str]:
        """Write up to 50 people and return the ids of those it could be done for.

        Left out is whoever has a record or is suppressed at the moment of the write.
        """
        ...


class WholeList(Protocol):
    """Everybody on record, for people who look after the list; reads all of it, whatever is asked."""

    def everyone(
        self, *, subscriber_status: Status | None = None, segment: int = 0, segments: int = 1
    ) -> Iterator[Subscriber]:
        """Yield the records of one part of the list, in no order, in bounded memory."""
        ...


class ReminderList(Protocol):
    """Who asked, and did not confirm yet."""

    def to_remind(self, day: date) -> Iterator[str]:
        """Yield the ids whose reminder is due on this day."""
        ...


class Audience(Protocol):
    """The confirmed subscribers, by id."""

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:
        """Yield the ids of a shard that sort after `after`, in order, in bounded memory; with an expression, its part.

        Nobody is read twice, and nobody's record: what an expression asks for stands in the index.
        """
        ...

    def size(self, *, matching: AudienceExpression | None = None, partitions: int = PARTITIONS) -> int:
        """Return how many there are, as the index knows it; with an expression, how many of them it means.

        Args:
            matching: The part of the list; None for all of it.
            partitions: Of the index, that are counted: readers are spread evenly over all of them.
        """
        ...


class SuppressionStore(Protocol):
    """Addresses we must not mail."""

    def get(self, subscriber_id: str) -> Suppression | None: ...
    def get_many(self, subscriber_ids: Collection[str]) -> Mapping[str, Suppression]:
        """Read up to 100 suppressions, consistently; who is not suppressed is left out."""
        ...

    def add(self, suppression: Suppression) -> None:
        """Suppress; the first reason stays."""
        ...

    def suppress(self, suppression: Suppression, existing: Subscriber | None) -> bool:
        """Suppress, and take the subscriber out of the audience: both, or neither. The first reason stays.

        A worker asks the subscriber's record alone, so a suppression must never stand beside a record that does not
        know of it.

        Args:
            suppression: Of this address.
            existing: The record as it was read just now; None if there was none.

        Returns:
            False, and nothing done, if the record is another by now.
        """
        ...

    def erase(self, tombstone: Suppression, subscriber: Subscriber) -> bool:
        """Delete the record and the receipts kept apart, and leave a tombstone: all, or nothing.

        Returns:
            False, and nothing done, if the record is another by now.
        """
        ...

    def lift(self, subscriber_id: str) -> None: ...
    def free(self, subscriber: Subscriber) -> bool:
        """Forget the suppression, and write the record that does not speak of it any more: both, or neither.

        Returns:
            False, and nothing done, if the record is another by now.
        """
        ...


class AllSuppressions(SuppressionStore, Protocol):
    """The same, for people who look after the list; reads all of it, whatever is asked."""

    def everyone(self, *, segment: int = 0, segments: int = 1) -> Iterator[Suppression]:
        """Yield one part of all suppressions, in no order, in bounded memory."""
        ...


class ConfirmationHoldStore(Protocol):
    """Whether confirmation email is held."""

    def get(self) -> ConfirmationHold: ...


class GreetQueue(Protocol):
    """Messages to whoever writes to single subscribers."""

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:
        """Queue an email to one subscriber. Units: `delay` in seconds, at most 900 (SQS)."""
        ...


@dataclass(frozen=True, slots=True)
class SignUpPorts:
    """What a sign-up and its confirmation touch."""

    subscribers: SubscriberStore
    suppressions: SuppressionStore
    greet_queue: GreetQueue


@dataclass(frozen=True, slots=True)
class LinkRequestPorts:
    """What a request for a link by email touches."""

    addresses: Addresses
    limiter: Limiter
    greet_queue: GreetQueue


@dataclass(frozen=True, slots=True)
class PreferencePorts:
    """What a subscriber's own page touches."""

    subscribers: SubscriberStore
    suppressions: SuppressionStore
    greet_queue: GreetQueue
    addresses: Addresses
    limiter: Limiter
    topics: Callable[[], Collection[str]]
    """Returns what the newest issues are about."""
    seal_key: str
    """Seals receipts of consent."""
    reader_fields: Callable[[], Sequence[ReaderField]] = tuple
    """Returns what the publisher asks of readers."""
    offers_digest: Callable[[], bool] = bool
    """Returns whether readers may choose a monthly digest."""


@dataclass(frozen=True, slots=True)
class ImportPorts:
    """What taking people over from another system touches."""

    subscribers: SubscriberStore
    suppressions: SuppressionStore
    newcomers: Newcomers


@dataclass(frozen=True, slots=True)
class GreetPorts:
    """What mail to one subscriber touches."""

    subscribers: SubscriberStore
    suppressions: SuppressionStore
    latest_issue: Callable[[], ArchiveEntry | None]
    """Returns the newest issue that was sent, for the welcome."""
    counters: Counters
    disposable: DisposableDomains
    address_insights: AddressInsights
    mailer: Mailer
    mails: MailRenderer
    confirmation_holds: Mapping[Lane, ConfirmationHoldStore]
    greet_queue: GreetQueue
    """For what has to wait."""
    network_holds: Callable[[str], ConfirmationHoldStore]
    """Returns that of a network, by its name."""
