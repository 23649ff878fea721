"""What the jobs need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    # Names in signatures alone: whoever imports a port should not have to load all nouns of the project.
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from newsletter.domain.answer import Answer
    from newsletter.domain.batch import Batch
    from newsletter.domain.books import Books
    from newsletter.domain.census import Standing
    from newsletter.domain.confirmation_hold import ConfirmationHold
    from newsletter.domain.content import MailContent
    from newsletter.domain.decision import Decision
    from newsletter.domain.engagement import Engagement, Touch
    from newsletter.domain.feedback import FeedbackKind
    from newsletter.domain.forecast import Allowance
    from newsletter.domain.greeting import Greeting
    from newsletter.domain.issue import Issue, IssueStatus, RenderedIssue
    from newsletter.domain.issue_record import IssueRecord
    from newsletter.domain.pace import Pace
    from newsletter.domain.picture import Picture
    from newsletter.domain.preflight import Preflight
    from newsletter.domain.quota import Account
    from newsletter.domain.reconciliation import Reconciliation
    from newsletter.domain.results import Happenings, IssueResults
    from newsletter.domain.send import PausedBy, Recipient, Send
    from newsletter.domain.shard import Shard
    from newsletter.domain.site import ArchiveEntry, ShownIssue, SiteFile
    from newsletter.domain.slot import Calendar
    from newsletter.domain.subscriber import Mailbox, Status, Subscriber
    from newsletter.domain.suppression import Listed, Suppression, SuppressionReason
    from newsletter.domain.upload import SourceFile
    from newsletter.domain.usage import Usage

T = TypeVar("T")


class Clock(Protocol):
    """Time for jobs that wait; all others get `now` as an argument."""

    def now(self) -> datetime: ...
    def sleep(self, seconds: float) -> None: ...


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
        """Read one subscriber, consistently."""
        ...

    def get_many(self, subscriber_ids: Collection[str]) -> Mapping[str, Subscriber]:
        """Read several subscribers, consistently; whoever does not exist is left out."""
        ...

    def save(self, subscriber: Subscriber) -> bool:
        """Write over the version that `subscriber` was made from; False if somebody else wrote meanwhile."""
        ...


class Newcomers(Protocol):
    """People who are new to the list."""

    def add(self, people: Sequence[Subscriber]) -> frozenset[str]:
        """Write up to 50 people and return the ids of those it could be done for.

        Left out is whoever has a record or is suppressed at the moment of the write.
        """
        ...


class WholeList(Protocol):
    """Everybody on record, for people who look after the list; reads all of it, whatever is asked."""

    def everyone(self, *, status: Status | None = None, part: int = 0, parts: int = 1) -> Iterator[Subscriber]:
        """Yield the records of one part of the list, in no order, in bounded memory."""
        ...


class ReminderList(Protocol):
    """Who asked, and did not confirm yet."""

    def to_remind(self, day: date) -> Iterator[str]:
        """Yield the ids whose reminder is due on this day."""
        ...


class Audience(Protocol):
    """The confirmed subscribers, by id."""

    def ids(self, shard: Shard, *, after: str) -> Iterator[str]:
        """Yield the ids of a shard that sort after `after`, in order, in bounded memory."""
        ...

    def size(self) -> int:
        """Return how many there are, as the index knows it."""
        ...


class ListCensus(Protocol):
    """The whole list at once, for counting; nobody can be told apart in it."""

    def standings(self, count: Callable[[Iterator[Standing]], T]) -> list[T]:
        """Count every record once, in several parts side by side and in bounded memory; return the count of each."""
        ...

    def suppressions(self) -> Iterator[Suppression]:
        """Yield every suppression."""
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

    def suppress(self, suppression: Suppression, subscriber: Subscriber | None) -> bool:
        """Suppress, and take the subscriber out of the audience: both, or neither. The first reason stays.

        A worker asks the subscriber's record alone, so a suppression must never stand beside a record that does not
        know of it.

        Args:
            suppression: Of this address.
            subscriber: The record as it was read just now; None if there was none.

        Returns:
            False, and nothing done, if the record is another by now.
        """
        ...

    def erase(self, tombstone: Suppression, subscriber: Subscriber) -> bool:
        """Delete the record and leave a tombstone: both, or neither; False if the record is another by now."""
        ...

    def pretend(self, suppression: Suppression) -> None:
        """Take as long as a write takes, and change nothing: an answer must not tell who is suppressed by its time."""
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

    def everyone(self, *, part: int = 0, parts: int = 1) -> Iterator[Suppression]:
        """Yield one part of all suppressions, in no order, in bounded memory."""
        ...


class SuppressionReview(SuppressionStore, Protocol):
    """The same, gone through from its beginning to its end."""

    def after(self, subscriber_id: str, *, limit: int) -> list[Suppression]:
        """Return the suppressions behind this id in the store's own order; fewer than `limit` are the last."""
        ...

    def note_listed(self, subscriber_id: str, day: date) -> None:
        """Remember that SES lists the address; a suppression that was lifted meanwhile stays lifted."""
        ...


class SuppressionList(Protocol):
    """The list that SES keeps: mail to its addresses is accepted and not sent."""

    def page(self, token: str, *, limit: int) -> tuple[list[Listed], str]:
        """Return one page and the token of the next; an empty token is the first page, and behind the last.

        Raises:
            AccountUnknownError: SES does not say.
        """
        ...

    def put(self, email: str, reason: SuppressionReason) -> bool:
        """Put an address on the list; False if SES does not let us.

        Raises:
            AccountUnknownError: SES gave no clear answer.
        """
        ...

    def remove(self, email: str) -> None:
        """Take an address off the list; nothing if it is not on it.

        Raises:
            AccountUnknownError: SES did not take it off.
        """
        ...


class IssueStore(Protocol):
    """What we know about the issues besides their text."""

    def get(self, slug: str) -> IssueRecord | None: ...
    def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
        """Write the record if it still stands as `before`; False otherwise."""
        ...

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        """Turn a ready issue with exactly this content to sending; False if it is anything else, held or unapproved."""
        ...

    def approve(self, slug: str, content_hash: str, *, decision: str) -> IssueRecord | None:
        """Approve exactly this content; None if another one stands there, or it was withdrawn."""
        ...

    def hold(self, slug: str, *, held: bool, decision: str) -> IssueRecord | None:
        """Hold or release an issue; None if it was so already, or is unknown."""
        ...

    def note(self, slug: str, *, decision: str) -> IssueRecord | None:
        """Write down a decision that changes nothing in the record itself; None if the issue is unknown."""
        ...

    def set_status(self, slug: str, status: IssueStatus, *, sent_at: datetime | None = None) -> None: ...
    def set_announced(self, slug: str, announced: str, *, version: str) -> None: ...
    def set_listed(self, slug: str) -> None: ...
    def with_status(self, status: IssueStatus) -> list[IssueRecord]:
        """Return the issues of one status, oldest date first."""
        ...

    def set_shown(self, slug: str, shown: date | None) -> None: ...
    def coming(self, today: date, limit: int) -> list[IssueRecord]:
        """Return ready issues whose date has come and that are not listed yet, oldest date first."""
        ...

    def newest(self, limit: int) -> list[IssueRecord]:
        """Return the newest listed issues, newest first."""
        ...

    def listed_in(self, year: int) -> list[IssueRecord]:
        """Return the listed issues of one year, newest first."""
        ...

    def older_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        """Return the listed issues before this place in the archive, nearest first."""
        ...

    def newer_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        """Return the listed issues behind this place in the archive, nearest first."""
        ...

    def years(self) -> list[int]:
        """Return the years that have listed issues, newest first; asks once for each."""
        ...


class SendStore(Protocol):
    """Sends, their batches, and the evidence about them."""

    def take_slot(self, slot: date, slug: str) -> str:
        """Give the slot of this day to this issue unless it was given away before; return the slug that has it."""
        ...

    def slot_holder(self, slot: date) -> str | None: ...
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

    def change(self, slug: str, rule: Callable[[Send], Send | None]) -> Send | None:
        """Replace the header by what the rule makes of it, against all races; None if the rule says so, or no send.

        Raises:
            StoreBusyError: Too many others change it at the same moment.
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

    def replace(self, before: Batch, after: Batch) -> bool:
        """Write `after` if the batch still stands as `before`; False otherwise."""
        ...

    def add_evidence(
        self, slug: str, part: str, subscriber_ids: Collection[str], happenings: Happenings | None = None
    ) -> frozenset[tuple[FeedbackKind, str]]:
        """Remember that SES accepted these of one part of a batch, and what it reported; adding twice adds once.

        Returns:
            Whom it was news about, by kind; who was accepted stands under `sent`. Of two at one moment, one gets it.
        """
        ...

    def results(self, slug: str) -> IssueResults:
        """Add up what SES reported about a send; exact, whatever was reported twice."""
        ...

    def tally(
        self, slug: str, since: datetime | None, counts: Mapping[FeedbackKind, int]
    ) -> Mapping[FeedbackKind, int]:
        """Count more of what happened to mails that left since then, and return how many there are."""
        ...

    def evidence(self, slug: str, after: str) -> frozenset[str]:
        """Return whom of a batch SES is known to have accepted and did not take back: such a mail never left."""
        ...

    def add_usage(self, slug: str, function: str, used: Usage) -> None:
        """Add what a function used of AWS while it worked for this send."""
        ...

    def usage(self, slug: str) -> Mapping[str, Usage]:
        """Return what was used for this send, by function."""
        ...

    def owe_report(self, slug: str, *, due: datetime) -> None:
        """Remember that the second report about a send is due then."""
        ...

    def reports_due(self, now: datetime) -> list[tuple[str, datetime]]:
        """Return the reports that are due by now, oldest first."""
        ...

    def forget_report(self, slug: str, *, due: datetime) -> None: ...


class EngagementStore(Protocol):
    """Opens and clicks of sends: for a while by recipient, in the end as numbers alone."""

    def record(
        self, slug: str, parts: Mapping[str, Collection[Touch]], links: Mapping[str, str], *, now: datetime
    ) -> None:
        """Remember the touches of each part of a batch, in one write for each; adding twice adds once.

        Who touched is written under a name that holds in this send alone, unless readers are followed one by one.
        After `fold`, touches are only counted.

        Args:
            slug: The send.
            parts: Touches, by the part of a batch that the recipient is in.
            links: The addresses behind the links in them, by what stands for them.
            now: When entries begin to age; they expire in any case.
        """
        ...

    def read(self, slug: str) -> Engagement | None:
        """Add up what was opened and clicked; None if nothing was ever reported."""
        ...

    def fold(self, slug: str) -> Engagement | None:
        """Keep the numbers and delete who is behind them; return the numbers. Folding twice folds once.

        Nothing is deleted where readers are followed one by one.
        """
        ...


class SlotCalendar(Protocol):
    """What people decided about single days, and what the editors were told about each slot. Days are local dates."""

    def get(self) -> Calendar: ...
    def set_skipped(self, day: date, *, skipped: bool) -> None: ...
    def set_extra(self, day: date, *, extra: bool) -> None: ...
    def told(self, slot: date) -> frozenset[str]: ...
    def tell(self, slot: date, what: str) -> None:
        """Remember that the editors were told; telling twice tells once."""
        ...

    def watched_since(self, now: datetime) -> datetime:
        """Return since when slots are looked after: `now` if this is the first look."""
        ...


class Queues(Protocol):
    """Messages to ourselves. They carry ids, never addresses, and may arrive twice."""

    def plan(self, slug: str, shards: Iterable[Shard]) -> None: ...
    def send(self, slug: str, batches: Iterable[str], *, delay: int = 0) -> None:
        """Queue batches by name. Units: `delay` in seconds, at most 900 (SQS)."""
        ...

    def settle(self, slug: str, *, delay: int = 0) -> None: ...
    def reconcile(self, so_far: Reconciliation) -> None:
        """Ask for the comparison of suppressions to go on from here."""
        ...

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        """Ask for another look at the issue's file. Units: `delay` in seconds, at most 900 (SQS)."""
        ...

    def refresh_archive(self, slug: str = "") -> None:
        """Ask for the site to be made to agree with the table: this issue's page, and every page that names issues."""
        ...

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:
        """Queue a mail to one subscriber. Units: `delay` in seconds, at most 900 (SQS)."""
        ...

    def report(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the report of a send. Units: `delay` in seconds, at most 900 (SQS)."""
        ...


class Counters(Protocol):
    """Counters that forget."""

    def bump(self, key: str, *, expires_at: datetime) -> int:
        """Count one more and return how many there are; of two at once, each gets its own number.

        Args:
            key: Names the window too, so that it is never counted again after `expires_at`.
            expires_at: When the counter may be forgotten; the first one said stays.
        """
        ...


class ConfirmationWatch(Protocol):
    """Whether confirmation mail is held, and what speaks for it."""

    def get(self) -> ConfirmationHold: ...
    def count(
        self, day: date, since: datetime | None, messages: Mapping[FeedbackKind, Collection[str]], *, now: datetime
    ) -> Mapping[FeedbackKind, int]:
        """Count messages of a day, of those that left since then, by their ids; return how many there are by kind."""
        ...

    def hold(self, because: str) -> None:
        """Hold confirmation mail; the first reason stays."""
        ...

    def tell(self) -> None: ...
    def release(self, *, now: datetime) -> bool:
        """Let confirmation mail go on; False if it was not held."""
        ...


class UnfamiliarEvents(Protocol):
    """Events of types that we have no word for: how they are built, and how often they came."""

    def keep(self, name: str, shape: str, *, now: datetime) -> None:
        """Keep the shape of the first one, and count this one."""
        ...


class DisposableDomains(Protocol):
    """Where mailboxes are thrown away after use."""

    def is_disposable(self, domain: str) -> bool: ...


class Rate(Protocol):
    """The one rate at which all workers together may hand recipients to SES."""

    @property
    def largest_call(self) -> int:
        """Recipients one call may name, or several that leave on one booking: SES refuses more than its rate."""
        ...

    def reserve(self, recipients: int, *, now: datetime, latest: datetime) -> datetime | None:
        """Take room that begins by `latest` and return when; None, and nothing taken, when there is none so soon."""
        ...

    def slow_down(self, start: datetime, *, calls: bool, now: datetime) -> Pace:
        """Lower the pace of all workers, because SES throttled a call that was booked for `start`; return the pace.

        Many workers may say so at one moment; what was booked before the pace was lowered lowers it no further.

        Args:
            start: What `reserve` returned for the throttled call.
            calls: Whether SES refused the call as a whole, rather than recipients in it.
            now: The time.
        """
        ...

    def restore(self) -> None:
        """Go back to the full rate."""
        ...

    def take(self, now: datetime) -> None:
        """Book the place of one recipient who is mailed at once, without waiting for room."""
        ...


class IssueTransport(Protocol):
    """Hands an issue to SES."""

    @property
    def entries(self) -> int:
        """Most recipients of one call."""
        ...

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        """Make exactly one attempt; return what SES said about each recipient, by position.

        Also when the call as a whole fails; an error proves nothing about anybody.
        """
        ...


class Mailer(Protocol):
    """Sends one mail to one person: confirmations, welcomes, and mail to the editors."""

    def send(
        self,
        to: str,
        mail: MailContent,
        *,
        kind: str,
        subscriber_id: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Make exactly one attempt.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
        """
        ...


class ContentStore(Protocol):
    """The bucket editors upload to, and what we write beside their files."""

    def read(self, key: str) -> bytes | None:
        """Return what stands under this key now, or None."""
        ...

    def stands(self, key: str) -> bool:
        """Return whether there is anything under this key now, without reading it."""
        ...

    def newest(self, key: str) -> SourceFile | None:
        """Return what stands under this key now, and its version, or None."""
        ...

    def version(self, key: str, version: str) -> bytes | None:
        """Return one version of what stood under this key, or None if it is gone for good."""
        ...

    def remove(self, key: str) -> None:
        """Remove the file; the bucket keeps its versions."""
        ...

    def put_problems(self, key: str, text: str, *, version: str) -> None:
        """Write `<key without .md>.problems.txt` beside this version of the file."""
        ...

    def problems_of(self, key: str) -> str:
        """Return which version of the file the list of problems is about, or nothing if there is none."""
        ...

    def clear_problems(self, key: str) -> None: ...
    def put_preflight(self, key: str, text: str) -> None:
        """Write `<key without .md>.preflight.json` beside the file."""
        ...

    def clear_preflight(self, key: str) -> None: ...
    def put_report(self, name: str, text: str) -> None:
        """Write the report of this name over the one before; the bucket keeps its versions."""
        ...

    def report(self, name: str) -> str | None:
        """Return the newest report of this name, or None."""
        ...

    def put_rendered(self, rendered: RenderedIssue) -> None: ...
    def rendered(self, slug: str, content_hash: str) -> RenderedIssue:
        """Return an issue exactly as it was rendered from this content."""
        ...


class Site(Protocol):
    """The public archive."""

    def read(self, path: str) -> bytes | None: ...
    def put(self, file: SiteFile) -> bool:
        """Write a file; return whether something else, or nothing, stood there."""
        ...

    def remove(self, path: str) -> bool:
        """Remove a file; return whether there was one."""
        ...


class Cache(Protocol):
    """Copies of the site that stand nearer to the readers."""

    def invalidate(self, paths: Collection[str]) -> None:
        """Forget the copies of these files, named as in the site."""
        ...


class IssueParser(Protocol):
    """Reads an issue file."""

    def __call__(self, slug: str, source: bytes) -> Issue:
        """Raises: InvalidIssueError: With every problem, its line and its remedy."""
        ...


class Pictures(Protocol):
    """Makes pictures fit for mails and pages."""

    def prepare(self, slug: str, name: str, source: bytes) -> tuple[Picture, SiteFile]:
        """Return the picture and the file to serve it from; the same source is always the same file.

        Raises:
            InvalidPictureError: It cannot be shown.
        """
        ...


class Renderer(Protocol):
    """Turns Markdown into mail and page."""

    def pictures_of(self, issue: Issue) -> tuple[str, ...]:
        """Return the names of the issue's own pictures, in the order of their first appearance."""
        ...

    def render_issue(self, issue: Issue, pictures: Mapping[str, Picture]) -> RenderedIssue:
        """Return the issue ready for its readers; an own picture that is not among these is shown as its words."""
        ...


class PreflightChecks(Protocol):
    """Looks at an issue as its readers will get it, before anybody does."""

    def check(
        self,
        issue: Issue,
        rendered: RenderedIssue,
        *,
        missing: Sequence[str],
        refused: Mapping[str, str],
        others: Sequence[IssueRecord],
        today: date,
    ) -> Preflight:
        """Return everything found, in a stable order; an unusual issue is a finding and never an exception.

        Args:
            issue: As its editors wrote it.
            rendered: As it will be sent.
            missing: Pictures the issue names that do not stand in its folder.
            refused: Pictures that cannot be shown, by name, and why.
            others: The issues we know. This issue's own record may be among them, and tells whether it was sent.
            today: Where the newsletter is at home.
        """
        ...


class ArchiveRenderer(Protocol):
    """Writes the static pages and feeds."""

    def issue_page(
        self,
        issue: ShownIssue,
        *,
        listed: bool,
        older: ArchiveEntry | None = None,
        newer: ArchiveEntry | None = None,
    ) -> SiteFile: ...
    def year(self, year: int, issues: Sequence[RenderedIssue], years: Sequence[int]) -> list[SiteFile]:
        """Return the files of one year; `years` are all that have some, newest first."""
        ...

    def archive(
        self, newest: Sequence[ArchiveEntry], recent: Sequence[ShownIssue], years: Sequence[int]
    ) -> list[SiteFile]:
        """Return every file that belongs to no issue and no year; what pages need comes before them."""
        ...


class MailRenderer(Protocol):
    """Writes transactional mail."""

    def mail(self, name: str, /, *, lang: str = "", **context: object) -> MailContent:
        """Write the mail of this name; an empty language is the newsletter's own."""
        ...


@dataclass(frozen=True, slots=True)
class SignUpPorts:
    """What a sign-up and its confirmation touch."""

    subscribers: SubscriberStore
    suppressions: SuppressionStore
    queues: Queues


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
    issues: IssueStore
    counters: Counters
    disposable: DisposableDomains
    mailer: Mailer
    mails: MailRenderer
    watch: ConfirmationWatch


@dataclass(frozen=True, slots=True)
class PublishPorts:
    """What publishing touches."""

    content: ContentStore
    issues: IssueStore
    sends: SendStore
    site: Site
    parse: IssueParser
    pictures: Pictures
    renderer: Renderer
    preflight: PreflightChecks
    mailer: Mailer
    mails: MailRenderer
    queues: Queues
    editor_email: str
    needs_approval: bool
    """Whether only approved content is sent."""


class SendingAccount(Protocol):
    """The account at SES."""

    def read(self) -> Account:
        """Return how it stands, as of a minute ago at most.

        Raises:
            AccountUnknownError: Nobody knows.
        """
        ...

    def allowance(self) -> Allowance:
        """Return how much, and how fast, it may send: for a forecast.

        Raises:
            AccountUnknownError: Nobody knows.
        """
        ...


class AccountWatch(Protocol):
    """What we remember about the account between two looks."""

    def told(self) -> str:
        """Return the trouble that the editors were told about and whose end they were not; empty for none."""
        ...

    def tell(self, trouble: str) -> None: ...
    def keep(self, found: Reconciliation, *, now: datetime) -> None:
        """Keep what the last comparison of the suppressions found, in place of the one before."""
        ...

    def last_reconciliation(self) -> tuple[datetime, Reconciliation] | None:
        """Return when suppressions were last compared, and what was found."""
        ...


class DecideLinks(Protocol):
    """Makes the links in the editors' mails."""

    def to_decide(self, decision: Decision, *, now: datetime) -> str: ...


class ReportLinks(Protocol):
    """Makes the links to the reports."""

    def to_report(self, name: str, *, now: datetime) -> str: ...
    def to_growth(self, *, now: datetime) -> str: ...


@dataclass(frozen=True, slots=True)
class PreviewPorts:
    """What a preview for the editors touches."""

    issues: IssueStore
    content: ContentStore
    audience: Audience
    account: SendingAccount
    links: DecideLinks
    mailer: Mailer
    mails: MailRenderer
    editor_email: str
    public_url: str
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class DecidePorts:
    """What a decision of an editor touches."""

    issues: IssueStore
    sends: SendStore
    content: ContentStore
    queues: Queues
    mailer: Mailer
    mails: MailRenderer
    editor_email: str


@dataclass(frozen=True, slots=True)
class SlotPorts:
    """What looking after slots touches."""

    issues: IssueStore
    sends: SendStore
    calendar: SlotCalendar
    mailer: Mailer
    mails: MailRenderer
    editor_email: str
    needs_approval: bool
    """Whether only approved content is sent."""


@dataclass(frozen=True, slots=True)
class ArchivePorts:
    """What writing the site touches."""

    content: ContentStore
    issues: IssueStore
    site: Site
    archive: ArchiveRenderer
    cache: Cache


@dataclass(frozen=True, slots=True)
class SendPorts:
    """What a worker touches."""

    sends: SendStore
    subscribers: SubscriberStore
    content: ContentStore
    transport: IssueTransport
    """The configured way."""
    single: IssueTransport
    """The way out when SES limits bulk calls; the same as `transport` where that is one by one."""
    rate: Rate
    queues: Queues
    clock: Clock
    seen_open: dict[str, datetime] = field(default_factory=dict)
    """When a send was last seen open, by its name: what one thread of a worker sees, the others need not ask."""


@dataclass(frozen=True, slots=True)
class HoldPorts:
    """What holding confirmation mail touches."""

    watch: ConfirmationWatch
    mailer: Mailer
    mails: MailRenderer
    editor_email: str


@dataclass(frozen=True, slots=True)
class FeedbackPorts:
    """What recording feedback touches."""

    sends: SendStore
    subscribers: SubscriberStore
    suppressions: SuppressionStore
    issues: IssueStore
    unfamiliar: UnfamiliarEvents


@dataclass(frozen=True, slots=True)
class AccountPorts:
    """What watching the account touches."""

    watch: AccountWatch
    mailer: Mailer
    mails: MailRenderer
    editor_email: str


@dataclass(frozen=True, slots=True)
class ReconcilePorts:
    """What comparing suppressions touches."""

    listed: SuppressionList
    suppressions: SuppressionReview
    subscribers: SubscriberStore
    addresses: Addresses
    clock: Clock


@dataclass(frozen=True, slots=True)
class SettlePorts:
    """What settling touches."""

    sends: SendStore
    issues: IssueStore
    queues: Queues
    audience: Audience
    account: SendingAccount
    mailer: Mailer
    mails: MailRenderer
    editor_email: str


@dataclass(frozen=True, slots=True)
class ReportPorts:
    """What a report is made of, and where it goes."""

    sends: SendStore
    issues: IssueStore
    census: ListCensus
    content: ContentStore
    account: SendingAccount
    links: ReportLinks
    mailer: Mailer
    mails: MailRenderer
    editor_email: str
    engagement: EngagementStore | None = None
    """None where opens and clicks are not measured."""


@dataclass(frozen=True, slots=True)
class ControlPorts:
    """What people touch who steer a send."""

    sends: SendStore
    issues: IssueStore
    queues: Queues
    content: ContentStore
    subscribers: SubscriberStore
    addresses: Addresses
    transport: IssueTransport
