"""What the jobs of this wing need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.core.ports import Clock
from newsletter.issues.ports import ContentStore, IssueStore, PublishQueue
from newsletter.readers.ports import Audience
from newsletter.sending.domain.unclear_calls import UnclearCalls
from newsletter.sending.probe_ports import EvidenceChannel
from newsletter.sending.ses_ports import IssueTransport, Rate, SendingAccount
from newsletter.sending.sweep_ports import SweepStore

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from newsletter.readers.domain.shard import Shard
    from newsletter.readers.records_read import RecordsRead
    from newsletter.sending.domain.batch import Batch
    from newsletter.sending.domain.books import Books
    from newsletter.sending.domain.progress import Progress
    from newsletter.sending.domain.send import PausedBy, Send
    from newsletter.sending.domain.usage import Usage


class SendStore(Protocol):
    """Sends and their batches."""

    def open(self, send: Send) -> Send:
        """Write the header unless there is one; return the one that stands."""
        ...

    def get(self, slug: str) -> Send | None: ...
    def pause(self, slug: str, because: str, *, by: PausedBy, resume_at: datetime | None = None, now: datetime) -> bool:
        """Hold a send that is open, or held by something weaker; False, and nothing changed, otherwise."""
        ...

    def resume(self, slug: str, *, now: datetime, paused_by: PausedBy | None = None) -> bool:
        """Open a paused send again; False if it is not paused, or not by `paused_by` any more."""
        ...

    def cancel(self, slug: str, *, because: str, now: datetime) -> bool:
        """Stop an open or paused send for good; False if it is neither."""
        ...

    def close(self, send: Send, books: Books, *, now: datetime) -> bool:
        """Close an open or cancelling send with its final books; False if it changed since it was read."""
        ...

    def change(self, slug: str, transition: Callable[[Send], Send | None]) -> Send | None:
        """Replace the header by what the transition makes of it, against all races; None if that or the send is none.

        Raises:
            StoreBusyError: Too many others change it at the same moment.
        """
        ...

    def open_sends(self) -> list[str]:
        """Return the names of sends that are not closed; one that an older version opened may be missing."""
        ...

    def book_look(self, slug: str, at: datetime, *, soon: datetime) -> bool:
        """Book the next look at a send; False if another one is booked that comes neither by `soon` nor later."""
        ...

    def chain_planned(self, slug: str, chain: str, batch_count: int) -> Progress:
        """Note how many batches a chain has that is planned to its end."""
        ...

    def count_through(self, slug: str, difference: int) -> Progress:
        """Count batches that are through, or not any more."""
        ...

    def spread(self, slug: str, partition_count: int) -> int:
        """Spread what grows with the audience over so many partitions of the store, before anything is planned.

        Returns: How many there are: what was decided first stands, and what is planned already lies in one.
        """
        ...

    def finish_shard(self, slug: str, shard: Shard, *, round_number: int = 1) -> None: ...
    def finished_shards(self, slug: str, *, round_number: int = 1) -> frozenset[str]:
        """Return the `first` of every shard that is planned to its end."""
        ...

    def record_sums(self, send: Send, shard: Shard, books: Books, *, round_number: int) -> None:
        """Remember the books of a finished shard in which everybody has an outcome."""
        ...

    def sums(self, send: Send) -> Mapping[tuple[int, str], Books]:
        """Return the books of shards, by round and `first`, that still hold: nothing was opened again since."""
        ...

    def add_batch(self, batch: Batch) -> bool:
        """Write a new batch, or the end of a chain; False if its name is taken."""
        ...

    def batch(self, slug: str, after: str) -> Batch | None:
        """Read one batch, consistently.

        Raises:
            UnreadableBatchError: What is stored there is not a batch any more.
        """
        ...

    def batches(self, slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Batch]:
        """Yield the batches of one chain, or of all chains of a send, in the order of ids, read consistently.

        The end of a chain is among them; it holds nobody.
        """
        ...

    def batch_of(self, slug: str, subscriber_id: str, *, round_number: int = 1) -> Batch | None:
        """Return the batch that holds this subscriber in this round."""
        ...

    def replace(self, stored: Batch, batch: Batch) -> bool:
        """Write `batch` if it still stands as `stored`; False otherwise."""
        ...


class MailRecords(Protocol):
    """What decides about an email to a reader; nothing of it can be written back."""

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        """Read several readers, consistently; one record that cannot be read keeps none of the others back."""
        ...


class AcceptedRecipients(Protocol):
    """Proof of what SES accepted."""

    def accepted(self, slug: str, after: str) -> frozenset[str]:
        """Return whom of a batch SES is known to have accepted and did not take back: such a mail never left."""
        ...


class UsageStore(Protocol):
    """What functions used of AWS, by send."""

    def add(self, slug: str, function: str, used: Usage) -> None:
        """Add what a function used of AWS while it worked for this send."""
        ...

    def by_function(self, slug: str) -> Mapping[str, Usage]:
        """Return what was used for this send, by function."""
        ...


class DueReports(Protocol):
    """Second reports, by the moment they are due."""

    def add(self, slug: str, *, due: datetime) -> None:
        """Remember that the second report about a send is due then."""
        ...

    def due_by(self, now: datetime) -> list[tuple[str, datetime]]:
        """Return the reports that are due by now, oldest first."""
        ...

    def remove(self, slug: str, *, due: datetime) -> None: ...


class SendQueues(Protocol):
    """Messages to whoever plans, mails and settles. They carry ids, never addresses, and may arrive twice."""

    def plan(self, slug: str, shards: Iterable[Shard]) -> None: ...
    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:
        """Queue batches by name. Units: `delay` in seconds, at most 900 (SQS)."""
        ...

    def settle(self, slug: str, *, delay: int = 0) -> None: ...
    def warm_up(self, slug: str) -> None:
        """Have a planner and a worker start before there is something to do for them."""
        ...

    def sweep(self, slug: str, parts: Iterable[int]) -> None:
        """Ask for parts of the list to be compared with the planned audience."""
        ...


class ReportQueue(Protocol):
    """Messages to whoever writes reports: a send that closes asks for its own."""

    def report(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the report of a send. Units: `delay` in seconds, at most 900 (SQS)."""
        ...


@dataclass(frozen=True, slots=True)
class SendPorts:
    """What a worker touches."""

    sends: SendStore
    evidence: AcceptedRecipients
    subscribers: MailRecords
    content: ContentStore
    transport: IssueTransport
    """The configured way."""
    single: IssueTransport
    """The way out when SES limits bulk calls; the same as `transport` where that is one by one."""
    rate: Rate
    queues: SendQueues
    clock: Clock
    seen_open: dict[str, tuple[datetime, Send]] = field(default_factory=dict)
    """When and how a send was last seen open, by its name: what a thread of a worker sees, the others need not ask."""
    unclear: UnclearCalls = field(default_factory=UnclearCalls)
    """How many calls in a row SES gave no clear answer to; the threads of a worker count together."""


class AudienceCount(Protocol):
    """How many confirmed subscribers there were when somebody last counted: for those who may not read the list."""

    def last(self) -> tuple[int, datetime] | None:
        """Return how many there were and when that was counted, or None if nobody has counted yet."""
        ...

    def keep(self, count: int, *, now: datetime) -> None:
        """Remember how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class SettlePorts:
    """What settling touches."""

    sends: SendStore
    evidence: AcceptedRecipients
    due_reports: DueReports
    issues: IssueStore
    queues: SendQueues
    publish_queue: PublishQueue
    report_queue: ReportQueue
    sweeps: SweepStore
    audience: Audience
    audience_count: AudienceCount
    account: SendingAccount
    channel: EvidenceChannel
    editors: Editors
    first_wave_wait: timedelta = timedelta(0)
    """How long the rest of a send stays behind its first wave, where it has one."""
