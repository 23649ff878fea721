"""The ports in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from newsletter.domain.answer import Answer
from newsletter.domain.batch import LARGEST_BATCH, ONE_CALL, Batch, name_in_round, part_name
from newsletter.domain.books import Books
from newsletter.domain.census import Standing
from newsletter.domain.confirmation_hold import ConfirmationHold
from newsletter.domain.content import MailContent
from newsletter.domain.decision import Decision
from newsletter.domain.engagement import TOUCHES_OF_ONE, Engagement, Touch
from newsletter.domain.feedback import TAKEN_BACK, FeedbackKind, Happening
from newsletter.domain.forecast import Allowance
from newsletter.domain.greeting import Greeting
from newsletter.domain.issue import Issue, IssueStatus, RenderedIssue
from newsletter.domain.issue_record import IssueRecord
from newsletter.domain.outcome import Outcome
from newsletter.domain.pace import Pace, largest_call, seconds
from newsletter.domain.picture import Picture
from newsletter.domain.preflight import Finding, Level, Preflight
from newsletter.domain.quota import Account
from newsletter.domain.reconciliation import Reconciliation
from newsletter.domain.results import Happenings, IssueResults
from newsletter.domain.send import PausedBy, Recipient, Send
from newsletter.domain.shard import Shard
from newsletter.domain.site import ArchiveEntry, ShownIssue, SiteFile
from newsletter.domain.slot import Calendar
from newsletter.domain.subscriber import Mailbox, Status, Subscriber, subscriber_id
from newsletter.domain.suppression import Listed, Suppression, SuppressionReason
from newsletter.domain.upload import SourceFile
from newsletter.domain.usage import Usage
from newsletter.errors import InvalidEmailError, InvalidPictureError

T = TypeVar("T")
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


class VirtualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class PlainAddresses:
    """Takes everything with an @ for an address."""

    def mailbox(self, text: str) -> Mailbox:
        if "@" not in text:
            raise InvalidEmailError("This does not look like an e-mail address. Please check it.")
        return Mailbox(text, text.lower())

    def subscriber_id(self, mailbox: Mailbox) -> str:
        return subscriber_id(mailbox, "key of the tests")


class MemorySubscribers:
    """The list and its audience index."""

    def __init__(self, *subscribers: Subscriber) -> None:
        self.by_id: dict[str, Subscriber] = {}
        for subscriber in subscribers:
            assert self.save(subscriber)

    def get(self, subscriber_id: str) -> Subscriber | None:
        return self.by_id.get(subscriber_id)

    def get_many(self, subscriber_ids: Collection[str]) -> Mapping[str, Subscriber]:
        return {who: self.by_id[who] for who in subscriber_ids if who in self.by_id}

    def save(self, subscriber: Subscriber) -> bool:
        if not self._still(subscriber):
            return False
        self.by_id[subscriber.subscriber_id] = replace(subscriber, version=subscriber.version + 1)
        return True

    def erase(self, subscriber: Subscriber) -> bool:
        if not self._still(subscriber):
            return False
        self.by_id.pop(subscriber.subscriber_id, None)
        return True

    def ids(self, shard: Shard, *, after: str) -> Iterator[str]:
        for who in sorted(self.by_id):
            if after < who < shard.bound and self.by_id[who].in_audience:
                yield who

    def size(self) -> int:
        return sum(subscriber.in_audience for subscriber in self.by_id.values())

    def everyone(self, *, status: Status | None = None, part: int = 0, parts: int = 1) -> Iterator[Subscriber]:
        for who, subscriber in list(self.by_id.items()):
            if int(who, 16) % parts == part and status in (None, subscriber.status):
                yield subscriber

    def to_remind(self, day: date) -> Iterator[str]:
        for who, subscriber in sorted(self.by_id.items()):
            due = (subscriber.signed_up_at + timedelta(days=3)).date()
            if subscriber.status is Status.UNCONFIRMED and subscriber.reminded_at is None and due == day:
                yield who

    def _still(self, subscriber: Subscriber) -> bool:
        stored = self.by_id.get(subscriber.subscriber_id)
        return (stored.version if stored else 0) == subscriber.version


class MemoryCensus:
    """The list and the suppressions, for counting; in two parts, so that adding them up is tested too."""

    def __init__(self, subscribers: MemorySubscribers, suppressed: MemorySuppressions) -> None:
        self.subscribers = subscribers
        self.suppressed = suppressed

    def standings(self, count: Callable[[Iterator[Standing]], T]) -> list[T]:
        everybody = [
            Standing(
                status=each.status, suppressed=each.suppressed, confirmed_at=each.confirmed_at, left_at=each.left_at,
                left_because=each.left_because, moved_to=each.moved_to,
                moved_from_another=each.consent is not None and each.consent.page == "preferences",
            )
            for each in self.subscribers.by_id.values()
        ]  # fmt: skip
        return [count(iter(everybody[::2])), count(iter(everybody[1::2]))]

    def suppressions(self) -> Iterator[Suppression]:
        yield from self.suppressed.by_id.values()


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

    def pretend(self, suppression: Suppression) -> None:
        """Change nothing."""

    def free(self, subscriber: Subscriber) -> bool:
        if not self.subscribers.save(subscriber):
            return False
        self.lift(subscriber.subscriber_id)
        return True

    def suppress(self, suppression: Suppression, subscriber: Subscriber | None) -> bool:
        stored = self.subscribers.get(suppression.subscriber_id)
        if (stored.version if stored else 0) != (subscriber.version if subscriber else 0):
            return False
        if subscriber is not None and not subscriber.suppressed:
            self.subscribers.save(replace(subscriber, suppressed=True))
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

    def everyone(self, *, part: int = 0, parts: int = 1) -> Iterator[Suppression]:
        yield from (each for who, each in list(self.by_id.items()) if int(who, 16) % parts == part)


class MemorySuppressionList:
    """SES's list; what it refuses is refused for everybody, as in the sandbox."""

    def __init__(self, *listed: Listed) -> None:
        self.by_email = {each.email: each for each in listed}
        self.refuses = False
        self.asked: list[str] = []

    def page(self, token: str, *, limit: int) -> tuple[list[Listed], str]:
        begin = int(token or 0)
        page = list(self.by_email.values())[begin : begin + limit]
        end = begin + limit
        return page, str(end) if end < len(self.by_email) else ""

    def put(self, email: str, reason: SuppressionReason) -> bool:
        self.asked.append(email)
        if not self.refuses:
            self.by_email[email] = Listed(email, reason, NOW)
        return not self.refuses

    def remove(self, email: str) -> None:
        self.by_email.pop(email, None)


class MemoryAccountWatch:
    """What is remembered about the account."""

    def __init__(self) -> None:
        self.trouble = ""
        self.kept: tuple[datetime, Reconciliation] | None = None

    def told(self) -> str:
        return self.trouble

    def tell(self, trouble: str) -> None:
        self.trouble = trouble

    def keep(self, found: Reconciliation, *, now: datetime) -> None:
        self.kept = (now, found)

    def last_reconciliation(self) -> tuple[datetime, Reconciliation] | None:
        return self.kept


class MemoryNewcomers:
    """People who are new to a list."""

    def __init__(self, subscribers: MemorySubscribers, suppressions: MemorySuppressions) -> None:
        self._subscribers = subscribers
        self._suppressions = suppressions

    def add(self, people: Sequence[Subscriber]) -> frozenset[str]:
        welcome = [each for each in people if self._suppressions.get(each.subscriber_id) is None]
        return frozenset(each.subscriber_id for each in welcome if self._subscribers.save(each))


class MemoryIssues:
    """What we know about the issues."""

    def __init__(self, *records: IssueRecord) -> None:
        self.by_slug = {record.slug: record for record in records}

    def get(self, slug: str) -> IssueRecord | None:
        return self.by_slug.get(slug)

    def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
        stored = self.by_slug.get(record.slug)
        if (stored is None) != (before is None):
            return False
        if stored and before and _standing(stored) != _standing(before):
            return False
        self.by_slug[record.slug] = record
        return True

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        stored = self.by_slug.get(slug)
        if stored is None or stored.status is not IssueStatus.READY or stored.content_hash != content_hash:
            return False
        if stored.waits_for(needs_approval=needs_approval):
            return False
        self.by_slug[slug] = replace(stored, status=IssueStatus.SENDING, listed=True, sent_hash=content_hash)
        return True

    def approve(self, slug: str, content_hash: str, *, decision: str) -> IssueRecord | None:
        stored = self.by_slug.get(slug)
        if stored is None or stored.content_hash != content_hash or stored.withdrawn:
            return None
        return self._decided(stored, decision, approved=content_hash)

    def hold(self, slug: str, *, held: bool, decision: str) -> IssueRecord | None:
        stored = self.by_slug.get(slug)
        if stored is None or stored.held is held:
            return None
        return self._decided(stored, decision, held=held)

    def note(self, slug: str, *, decision: str) -> IssueRecord | None:
        stored = self.by_slug.get(slug)
        return self._decided(stored, decision) if stored else None

    def _decided(self, stored: IssueRecord, decision: str, **changes: object) -> IssueRecord:
        decided = replace(stored, decisions=(*stored.decisions, decision), **changes)  # type: ignore[arg-type]
        self.by_slug[stored.slug] = decided
        return decided

    def set_status(self, slug: str, status: IssueStatus, *, sent_at: datetime | None = None) -> None:
        stored = self.by_slug[slug]
        self.by_slug[slug] = replace(stored, status=status, sent_at=sent_at or stored.sent_at)

    def set_announced(self, slug: str, announced: str, *, version: str) -> None:
        self.by_slug[slug] = replace(self.by_slug[slug], announced=announced, announced_version=version)

    def set_listed(self, slug: str) -> None:
        stored = self.by_slug[slug]
        if stored.status is IssueStatus.READY and not stored.withdrawn:
            self.by_slug[slug] = replace(stored, listed=True)

    def with_status(self, status: IssueStatus) -> list[IssueRecord]:
        return sorted((each for each in self.by_slug.values() if each.status is status), key=_order)

    def set_shown(self, slug: str, shown: date | None) -> None:
        self.by_slug[slug] = replace(self.by_slug[slug], shown=shown)

    def coming(self, today: date, limit: int) -> list[IssueRecord]:
        ready = self.with_status(IssueStatus.READY)
        return [each for each in ready if not each.listed and not each.withdrawn and each.date <= today][:limit]

    def newest(self, limit: int) -> list[IssueRecord]:
        return self._listed()[:limit]

    def listed_in(self, year: int) -> list[IssueRecord]:
        return [each for each in self._listed() if each.date.year == year]

    def older_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        return [each for each in self._listed() if _order(each) < (day.isoformat(), slug)][:limit]

    def newer_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        return [each for each in reversed(self._listed()) if _order(each) > (day.isoformat(), slug)][:limit]

    def years(self) -> list[int]:
        return list(dict.fromkeys(each.date.year for each in self._listed()))

    def _listed(self) -> list[IssueRecord]:
        return sorted((each for each in self.by_slug.values() if each.listed), key=_order, reverse=True)


def _standing(record: IssueRecord) -> tuple[object, ...]:
    return record.status, record.content_hash, record.sequencer, record.decisions, record.shown


def _order(record: IssueRecord) -> tuple[str, str]:
    return record.date.isoformat(), record.slug


class MemorySends:
    """Sends, batches and evidence."""

    def __init__(self) -> None:
        self.slots: dict[date, str] = {}
        self.headers: dict[str, Send] = {}
        self.planned: dict[str, set[tuple[int, str]]] = defaultdict(set)
        self.counted: dict[str, dict[tuple[int, str], tuple[int, Books]]] = defaultdict(dict)
        self.batch_items: dict[tuple[str, str], Batch] = {}
        self.accepted: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.happened: dict[tuple[str, str], dict[FeedbackKind, set[Happening]]] = defaultdict(lambda: defaultdict(set))
        self.tallies: dict[tuple[str, datetime | None], Counter[FeedbackKind]] = defaultdict(Counter)
        self.used: dict[str, dict[str, Usage]] = defaultdict(dict)
        self.owed: set[tuple[datetime, str]] = set()
        self.evidence_writes = 0
        self.tally_writes = 0

    def take_slot(self, slot: date, slug: str) -> str:
        return self.slots.setdefault(slot, slug)

    def slot_holder(self, slot: date) -> str | None:
        return self.slots.get(slot)

    def open(self, send: Send) -> Send:
        return self.headers.setdefault(send.slug, send)

    def get(self, slug: str) -> Send | None:
        return self.headers.get(slug)

    def pause(self, slug: str, because: str, *, by: PausedBy, resume_at: datetime | None = None, now: datetime) -> bool:
        return self.change(slug, lambda send: send.paused(because, by=by, resume_at=resume_at, now=now)) is not None

    def resume(self, slug: str, *, now: datetime, paused_by: PausedBy | None = None) -> bool:
        return self.change(slug, lambda send: send.resumed(paused_by=paused_by, now=now)) is not None

    def cancel(self, slug: str, *, because: str, now: datetime) -> bool:
        return self.change(slug, lambda send: send.stopped(because, now=now)) is not None

    def close(self, send: Send, books: Books, *, now: datetime) -> bool:
        after = send.closed(books, now=now)
        if after is None or self.headers[send.slug].revision != send.revision:
            return False
        self.headers[send.slug] = after
        return True

    def change(self, slug: str, rule: Callable[[Send], Send | None]) -> Send | None:
        stored = self.headers.get(slug)
        after = rule(stored) if stored else None
        if after is not None:
            self.headers[slug] = after
        return after

    def finish_shard(self, slug: str, shard: Shard, *, round_number: int = 1) -> None:
        self.planned[slug].add((round_number, shard.first))

    def finished_shards(self, slug: str, *, round_number: int = 1) -> frozenset[str]:
        return frozenset(first for number, first in self.planned[slug] if number == round_number)

    def record_sums(self, send: Send, shard: Shard, books: Books, *, round_number: int) -> None:
        self.counted[send.slug][round_number, shard.first] = (send.reopened, books)

    def sums(self, send: Send) -> Mapping[tuple[int, str], Books]:
        return {key: books for key, (made, books) in self.counted[send.slug].items() if made == send.reopened}

    def add_batch(self, batch: Batch) -> bool:
        key = (batch.slug, batch.after)
        if key in self.batch_items:
            return False
        self.batch_items[key] = batch
        return True

    def batch(self, slug: str, after: str) -> Batch | None:
        return self.batch_items.get((slug, after))

    def batches(self, slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Batch]:
        first, bound = ("", "~")
        if shard:
            first, bound = (name_in_round(round_number, each) for each in (shard.first, shard.bound))
        for key in sorted(self.batch_items):
            if key[0] == slug and first <= key[1] < bound:
                yield self.batch_items[key]

    def batch_of(self, slug: str, subscriber_id: str, *, round_number: int = 1) -> Batch | None:
        return next(
            (
                batch
                for batch in self.batches(slug)
                if subscriber_id in batch.ids and batch.after == name_in_round(round_number, batch.begins)
            ),
            None,
        )

    def replace(self, before: Batch, after: Batch) -> bool:
        key = (before.slug, before.after)
        stored = self.batch_items.get(key)
        if stored is None or _stand(stored) != _stand(before):
            return False
        self.batch_items[key] = after
        return True

    def add_evidence(
        self, slug: str, part: str, subscriber_ids: Collection[str], happenings: Happenings | None = None
    ) -> frozenset[tuple[FeedbackKind, str]]:
        self.evidence_writes += 1
        known = self.happened[slug, part]
        before = {(kind, each.subscriber_id) for kind, which in known.items() for each in which}
        before |= {(FeedbackKind.SENT, who) for who in self.accepted[slug, part]}
        self.accepted[slug, part].update(subscriber_ids)
        for kind, which in (happenings or {}).items():
            known[kind].update(which)
        said = {(FeedbackKind.SENT, who) for who in subscriber_ids}
        said |= {(kind, each.subscriber_id) for kind, which in (happenings or {}).items() for each in which}
        return frozenset(said - before)

    def results(self, slug: str) -> IssueResults:
        parts = {key for key in (*self.accepted, *self.happened) if key[0] == slug}
        return IssueResults.of((self.accepted[key], self.happened[key]) for key in parts)

    def tally(
        self, slug: str, since: datetime | None, counts: Mapping[FeedbackKind, int]
    ) -> Mapping[FeedbackKind, int]:
        self.tally_writes += 1
        self.tallies[slug, since].update(counts)
        return self.tallies[slug, since]

    def evidence(self, slug: str, after: str) -> frozenset[str]:
        parts = [(slug, part_name(after, position)) for position in range(0, LARGEST_BATCH, ONE_CALL)]
        back = (
            each.subscriber_id for part in parts for kind in TAKEN_BACK for each in self.happened[part].get(kind, ())
        )
        return frozenset().union(*(self.accepted[part] for part in parts)).difference(back)

    def add_usage(self, slug: str, function: str, used: Usage) -> None:
        self.used[slug][function] = self.used[slug].get(function, Usage()) + used

    def usage(self, slug: str) -> Mapping[str, Usage]:
        return self.used[slug]

    def owe_report(self, slug: str, *, due: datetime) -> None:
        self.owed.add((due, slug))

    def reports_due(self, now: datetime) -> list[tuple[str, datetime]]:
        return [(slug, due) for due, slug in sorted(self.owed) if due <= now]

    def forget_report(self, slug: str, *, due: datetime) -> None:
        self.owed.discard((due, slug))


@dataclass
class MemoryCalendar:
    """What people decided about single days, and what the editors were told."""

    calendar: Calendar = field(default_factory=Calendar)
    heard: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    since: datetime | None = None

    def get(self) -> Calendar:
        return self.calendar

    def set_skipped(self, day: date, *, skipped: bool) -> None:
        days = self.calendar.skipped
        self.calendar = replace(self.calendar, skipped=days | {day} if skipped else days - {day})

    def set_extra(self, day: date, *, extra: bool) -> None:
        days = self.calendar.extra
        self.calendar = replace(self.calendar, extra=days | {day} if extra else days - {day})

    def told(self, slot: date) -> frozenset[str]:
        return frozenset(self.heard[slot])

    def tell(self, slot: date, what: str) -> None:
        self.heard[slot].add(what)

    def watched_since(self, now: datetime) -> datetime:
        self.since = self.since or now
        return self.since


def _stand(batch: Batch) -> tuple[object, ...]:
    return batch.state, batch.claim, batch.outcomes, batch.attempts


@dataclass
class MemoryQueues:
    """Messages to ourselves, in the order they were sent."""

    plans: list[tuple[str, str]] = field(default_factory=list)
    batches: list[tuple[str, str, int]] = field(default_factory=list)
    settles: list[tuple[str, int]] = field(default_factory=list)
    greetings: list[tuple[Greeting, int]] = field(default_factory=list)
    looks: list[tuple[str, int]] = field(default_factory=list)
    reports: list[tuple[str, int]] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    reconciliations: list[Reconciliation] = field(default_factory=list)

    def plan(self, slug: str, shards: Iterable[Shard]) -> None:
        self.plans += [(slug, shard.first) for shard in shards]

    def send(self, slug: str, batches: Iterable[str], *, delay: int = 0) -> None:
        self.batches += [(slug, after, delay) for after in batches]

    def settle(self, slug: str, *, delay: int = 0) -> None:
        self.settles.append((slug, delay))

    def reconcile(self, so_far: Reconciliation) -> None:
        self.reconciliations.append(so_far)

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        self.looks.append((slug, delay))

    def refresh_archive(self, slug: str = "") -> None:
        self.refreshes.append(slug)

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:
        self.greetings.append((greeting, delay))

    def report(self, slug: str, *, delay: int = 0) -> None:
        self.reports.append((slug, delay))


@dataclass
class MemoryRate:
    """The account's rate in one process; the arithmetic is that of the real one."""

    per_second: float = 1000
    until: datetime = NOW
    pace: Pace = field(default_factory=Pace)
    each: float = 0.0

    @property
    def largest_call(self) -> int:
        return largest_call(self.per_second)

    def reserve(self, recipients: int, *, now: datetime, latest: datetime) -> datetime | None:
        start = max(now, self.until)
        if start > latest:
            return None
        self.each = seconds(1, self.per_second, self.pace.share(now))
        self.until = start + timedelta(seconds=recipients * self.each)
        return start

    def slow_down(self, start: datetime, *, calls: bool, now: datetime) -> Pace:
        self.pace = self.pace.throttled(start, calls=calls, since=max(now, self.until)) or self.pace
        return self.pace

    def restore(self) -> None:
        self.pace = Pace()

    def take(self, now: datetime) -> None:
        if self.until >= now:
            self.until += timedelta(seconds=self.each)


class MemoryTransport:
    """SES without SES: accepts everybody unless told what to answer."""

    def __init__(self, entries: int = 50) -> None:
        self.entries = entries
        self.calls: list[list[Recipient]] = []
        self.answer: Callable[[Recipient], Answer] = lambda _: Outcome.SENT
        self.failure: Exception | None = None
        self.everybody: Answer | None = None
        """What the call as a whole is answered."""

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        self.calls.append(list(recipients))
        if self.failure is not None:
            raise self.failure
        if self.everybody is not None:
            return [self.everybody] * len(recipients)
        return [self.answer(recipient) for recipient in recipients]

    @property
    def mailed(self) -> list[str]:
        return [recipient.subscriber_id for call in self.calls for recipient in call]


@dataclass(frozen=True)
class Sent:
    """One mail in the outbox."""

    to: str
    mail: MailContent
    kind: str
    subscriber_id: str
    headers: tuple[tuple[str, str], ...]


class MemoryMailer:
    """An outbox."""

    def __init__(self) -> None:
        self.outbox: list[Sent] = []
        self.failure: Exception | None = None

    def send(
        self,
        to: str,
        mail: MailContent,
        *,
        kind: str,
        subscriber_id: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        if self.failure is not None:
            raise self.failure
        self.outbox.append(Sent(to, mail, kind, subscriber_id, tuple(headers)))


class PlainMails:
    """Mails that say nothing but their name and their context."""

    def mail(self, name: str, /, *, lang: str = "", **context: object) -> MailContent:
        words = "\n".join(f"{key}: {value}" for key, value in context.items())
        return MailContent(subject=name, html=words, text=words)


class MemoryContent:
    """The content bucket, versions included."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.problems: dict[str, str] = {}
        self.preflights: dict[str, str] = {}
        self.reports: dict[str, str] = {}
        self.problems_about: dict[str, str] = {}
        self.versions: dict[tuple[str, str], bytes] = {}
        self.renderings: dict[tuple[str, str], RenderedIssue] = {}

    def read(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)

    def stands(self, key: str) -> bool:
        return key in self.objects

    def newest(self, key: str) -> SourceFile | None:
        body = self.objects.get(key)
        if body is None:
            return None
        version = sha256(body).hexdigest()[:8]
        self.versions[key, version] = body
        return SourceFile(body, version)

    def version(self, key: str, version: str) -> bytes | None:
        return self.versions.get((key, version))

    def put_problems(self, key: str, text: str, *, version: str) -> None:
        self.problems[key], self.problems_about[key] = text, version

    def problems_of(self, key: str) -> str:
        return self.problems_about.get(key, "") if key in self.problems else ""

    def clear_problems(self, key: str) -> None:
        self.problems.pop(key, None)

    def put_preflight(self, key: str, text: str) -> None:
        self.preflights[key] = text

    def clear_preflight(self, key: str) -> None:
        self.preflights.pop(key, None)

    def put_report(self, name: str, text: str) -> None:
        self.reports[name] = text

    def report(self, name: str) -> str | None:
        return self.reports.get(name)

    def put_rendered(self, rendered: RenderedIssue) -> None:
        self.renderings[rendered.slug, rendered.content_hash] = rendered

    def rendered(self, slug: str, content_hash: str) -> RenderedIssue:
        return self.renderings[slug, content_hash]


class PlainPreflight:
    """Finds what it was told to find, by the title of the issue, and pictures that cannot be shown."""

    def __init__(self, **findings: tuple[Finding, ...]) -> None:
        self.findings = findings

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
        pictures = [
            Finding(Level.ERROR, "pictures", f"There is no {name}.", "Upload it.") for name in (*missing, *refused)
        ]
        return Preflight((*self.findings.get(issue.title, ()), *pictures), {"words": 1}, rendered.content_hash)


class MemorySite:
    """The public archive."""

    def __init__(self) -> None:
        self.files: dict[str, SiteFile] = {}

    def read(self, path: str) -> bytes | None:
        return self.files[path].body if path in self.files else None

    def put(self, file: SiteFile) -> bool:
        changed = self.files.get(file.path) != file
        self.files[file.path] = file
        return changed

    def remove(self, path: str) -> bool:
        return self.files.pop(path, None) is not None


class MemoryCache:
    """What was asked to be forgotten, wish by wish."""

    def __init__(self) -> None:
        self.forgotten: list[frozenset[str]] = []

    def invalidate(self, paths: Collection[str]) -> None:
        self.forgotten.append(frozenset(paths))


class PlainPictures:
    """Takes every picture that says PNG, and makes nothing smaller."""

    def prepare(self, slug: str, name: str, source: bytes) -> tuple[Picture, SiteFile]:
        if not source.startswith(b"\x89PNG"):
            raise InvalidPictureError("The file is not a picture.", "Save it as PNG.")
        path = f"issues/{slug}/{name.removesuffix('.png')}-{sha256(source).hexdigest()[:12]}.png"
        file = SiteFile(path, source, "image/png", "public, max-age=31536000, immutable")
        return Picture(name, path, 600, 400, len(source)), file


class PlainArchive:
    """Pages that say only what they are about."""

    def issue_page(
        self,
        issue: ShownIssue,
        *,
        listed: bool,
        older: ArchiveEntry | None = None,
        newer: ArchiveEntry | None = None,
    ) -> SiteFile:
        words = [issue.rendered.title, "listed" if listed else "not listed"]
        words += [f"older:{older.slug}"] if older else []
        words += [f"newer:{newer.slug}"] if newer else []
        words += [f"corrected:{issue.corrected_at.date()}"] if issue.corrected_at else []
        return _page(f"issues/{issue.rendered.slug}/index.html", words)

    def year(self, year: int, issues: Sequence[RenderedIssue], years: Sequence[int]) -> list[SiteFile]:
        return [_page(f"archive/{year}/index.html", [*(each.slug for each in issues), "of", *map(str, years)])]

    def archive(
        self, newest: Sequence[ArchiveEntry], recent: Sequence[ShownIssue], years: Sequence[int]
    ) -> list[SiteFile]:
        return [
            _page("index.html", [*(each.slug for each in newest), "of", *map(str, years)]),
            _page("feed.json", [each.rendered.content_hash for each in recent]),
        ]


def _page(path: str, words: Sequence[str]) -> SiteFile:
    return SiteFile(path, " ".join(words).encode(), "text/html", "")


class MemoryCounters:
    """Counters that never forget: no test waits that long."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.expiries: dict[str, datetime] = {}

    def bump(self, key: str, *, expires_at: datetime) -> int:
        self.counts[key] += 1
        self.expiries.setdefault(key, expires_at)
        return self.counts[key]


class MemoryWatch:
    """Confirmation mail, and whether it is held."""

    def __init__(self) -> None:
        self.state = ConfirmationHold()
        self.sent: Counter[tuple[date, datetime | None]] = Counter()
        self.bad: dict[tuple[date, datetime | None, FeedbackKind], set[str]] = defaultdict(set)

    def get(self) -> ConfirmationHold:
        return self.state

    def count(
        self,
        day: date,
        since: datetime | None,
        messages: Mapping[FeedbackKind, Collection[str]],
        *,
        now: datetime,  # noqa: ARG002 - nothing expires here
    ) -> Mapping[FeedbackKind, int]:
        for kind, ids in messages.items():
            if kind is FeedbackKind.SENT:
                self.sent[day, since] += len(ids)
            else:
                self.bad[day, since, kind].update(ids)
        bad = {kind: len(ids) for (*where, kind), ids in self.bad.items() if where == [day, since]}
        return {FeedbackKind.SENT: self.sent[day, since]} | bad

    def hold(self, because: str) -> None:
        self.state = replace(self.state, because=self.state.because or because)

    def tell(self) -> None:
        self.state = replace(self.state, told=True)

    def release(self, *, now: datetime) -> bool:
        held = bool(self.state.because)
        self.state = ConfirmationHold(judged_from=now) if held else self.state
        return held


class MemoryUnfamiliar:
    """Events of types that nobody knows."""

    def __init__(self) -> None:
        self.shapes: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def keep(self, name: str, shape: str, *, now: datetime) -> None:  # noqa: ARG002 - nothing expires here
        self.shapes.setdefault(name, shape)
        self.counts[name] += 1


@dataclass
class MemoryDisposable:
    """A short list of disposable domains."""

    domains: frozenset[str] = frozenset()

    def is_disposable(self, domain: str) -> bool:
        return domain in self.domains


@dataclass
class PlainAccount:
    """An account that may send so much."""

    allowed: Allowance = Allowance(per_second=14, per_day=50_000, left_today=50_000)
    account: Account = Account(max_send_rate=14, max_24_hour_send=50_000, sent_last_24_hours=0)

    def read(self) -> Account:
        return self.account

    def allowance(self) -> Allowance:
        return self.allowed


class PlainLinks:
    """Links that say what they are for."""

    def to_decide(self, decision: Decision, *, now: datetime) -> str:
        return f"https://b.example.org/decide/{decision.verb}/{decision.content_hash[:4]}"


class MemoryEngagement:
    """Opens and clicks in memory."""

    def __init__(self, *, individual: bool = False) -> None:
        self.touches: dict[str, dict[str, set[Touch]]] = {}
        self.surplus: dict[str, set[Touch]] = defaultdict(set)
        self.links: dict[str, dict[str, str]] = defaultdict(dict)
        self.totals: dict[str, Engagement] = {}
        self.writes = 0
        self._individual = individual

    def record(
        self, slug: str, parts: Mapping[str, Collection[Touch]], links: Mapping[str, str], *, now: datetime
    ) -> None:
        if slug in self.totals:
            late = Counter(each.kind for touches in parts.values() for each in touches)
            opens, clicks = late[FeedbackKind.OPENED], late[FeedbackKind.CLICKED]
            before = self.totals[slug]
            self.totals[slug] = replace(
                before, late_opens=before.late_opens + opens, late_clicks=before.late_clicks + clicks
            )
            return
        self.links[slug].update(links)
        for part, touches in parts.items():
            self.writes += 1
            known = self.touches.setdefault(slug, defaultdict(set))[part]
            for touch in sorted(touches):
                enough = sum(each.who == touch.who for each in known) >= TOUCHES_OF_ONE
                (self.surplus[slug] if enough and touch not in known else known).add(touch)

    def read(self, slug: str) -> Engagement | None:
        if slug in self.totals:
            return self.totals[slug]
        if slug not in self.touches:
            return None
        surplus = Counter(each.kind for each in self.surplus[slug])
        return Engagement.of(self.touches[slug].values(), self.links[slug], surplus=surplus)

    def fold(self, slug: str) -> Engagement | None:
        found = self.read(slug)
        if found is not None and not self._individual:
            self.totals[slug] = found
            self.touches.pop(slug, None)
        return found


class PlainReportLinks:
    """Links that say what they are for."""

    def to_report(self, name: str, *, now: datetime) -> str:  # noqa: ARG002 - nothing expires here
        return f"https://b.example.org/report/{name}"

    def to_growth(self, *, now: datetime) -> str:  # noqa: ARG002
        return "https://b.example.org/report/growth"
