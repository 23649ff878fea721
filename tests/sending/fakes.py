"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from newsletter.feedback.domain.reconciliation import Reconciliation
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.upload import Upload
from newsletter.readers.domain.greeting import Greeting
from newsletter.readers.domain.shard import Shard
from newsletter.sending.adapters.dynamo_rate import IDLE, LONGEST_LINE
from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.batch import Batch, name_in_round
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pace import Pace, largest_call, seconds, seconds_in_line
from newsletter.sending.domain.probe import ProbeAnswer, Probed, Returned
from newsletter.sending.domain.progress import Progress
from newsletter.sending.domain.quota import Account, Allowance
from newsletter.sending.domain.send import PausedBy, Recipient, Send, SendState
from newsletter.sending.domain.usage import Usage
from newsletter.sending.probe_ports import EvidenceChannel
from tests.core.fakes import NOW


class MemorySends:
    """Sends and their batches."""

    def __init__(self) -> None:
        self.headers: dict[str, Send] = {}
        self.looks: dict[str, datetime] = {}
        self.progress: dict[str, Progress] = defaultdict(Progress)
        self.planned: dict[str, set[tuple[int, str]]] = defaultdict(set)
        self.counted: dict[str, dict[tuple[int, str], tuple[int, Books]]] = defaultdict(dict)
        self.batch_items: dict[tuple[str, str], Batch] = {}
        self.partition_counts: dict[str, int] = {}

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

    def change(self, slug: str, transition: Callable[[Send], Send | None]) -> Send | None:
        stored = self.headers.get(slug)
        after = transition(stored) if stored else None
        if after is not None:
            self.headers[slug] = after
        return after

    def open_sends(self) -> list[str]:
        return [slug for slug, send in self.headers.items() if send.state is not SendState.CLOSED]

    def book_look(self, slug: str, at: datetime, *, soon: datetime) -> bool:
        booked = self.looks.get(slug)
        if booked is not None and soon < booked <= at:
            return False
        self.looks[slug] = at
        return True

    def chain_planned(self, slug: str, chain: str, batch_count: int) -> Progress:
        known = self.progress[slug]
        self.progress[slug] = Progress({**known.planned, chain: batch_count}, known.through)
        return self.progress[slug]

    def count_through(self, slug: str, difference: int) -> Progress:
        self.progress[slug] = replace(self.progress[slug], through=self.progress[slug].through + difference)
        return self.progress[slug]

    def spread(self, slug: str, partition_count: int) -> int:
        planned = any(key[0] == slug for key in self.batch_items)
        return self.partition_counts.setdefault(slug, 1 if planned else partition_count)

    def finish_shard(self, slug: str, shard: Shard, *, round_number: int = 1) -> None:
        self.planned[slug].add((round_number, shard.first))

    def finished_shards(self, slug: str, *, round_number: int = 1) -> frozenset[str]:
        return frozenset([first for number, first in self.planned[slug] if number == round_number])

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

    def replace(self, stored: Batch, batch: Batch) -> bool:
        key = (stored.slug, stored.after)
        present = self.batch_items.get(key)
        if present is None or _stand(present) != _stand(stored):
            return False
        self.batch_items[key] = batch
        return True


class MemorySweeps:
    """How far the sweeps of sends have come."""

    def __init__(self, sends: MemorySends) -> None:
        self.sends = sends
        self.finished: set[tuple[str, int]] = set()

    def add_found(self, batch: Batch, part: int) -> bool:
        return (batch.slug, part) not in self.finished and self.sends.add_batch(batch)

    def finish_part(self, slug: str, part: int) -> None:
        self.finished.add((slug, part))

    def finished_parts(self, slug: str) -> frozenset[int]:
        return frozenset(part for name, part in self.finished if name == slug)


class MemoryUsage:
    """What functions used of AWS, by send."""

    def __init__(self) -> None:
        self.used: dict[str, dict[str, Usage]] = defaultdict(dict)

    def add(self, slug: str, function: str, used: Usage) -> None:
        self.used[slug][function] = self.used[slug].get(function, Usage()) + used

    def by_function(self, slug: str) -> Mapping[str, Usage]:
        return self.used[slug]


class MemoryDueReports:
    """Second reports, by the moment they are due."""

    def __init__(self) -> None:
        self.owed: set[tuple[datetime, str]] = set()

    def add(self, slug: str, *, due: datetime) -> None:
        self.owed.add((due, slug))

    def due_by(self, now: datetime) -> list[tuple[str, datetime]]:
        return [(slug, due) for due, slug in sorted(self.owed) if due <= now]

    def remove(self, slug: str, *, due: datetime) -> None:
        self.owed.discard((due, slug))


def _stand(batch: Batch) -> tuple[object, ...]:
    return batch.state, batch.claim, batch.outcomes, batch.attempts


@dataclass
class MemoryQueues:
    """Messages to ourselves, in the order they were sent."""

    plans: list[tuple[str, str]] = field(default_factory=list)
    batches: list[tuple[str, str, int]] = field(default_factory=list)
    settles: list[tuple[str, int]] = field(default_factory=list)
    sweeps: list[tuple[str, int]] = field(default_factory=list)
    warmed_up: list[str] = field(default_factory=list)
    greetings: list[tuple[Greeting, int]] = field(default_factory=list)
    hours: list[tuple[str, int]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    looks: list[tuple[str, int]] = field(default_factory=list)
    tests: list[tuple[str, str]] = field(default_factory=list)
    later: list[tuple[Upload, int]] = field(default_factory=list)
    """Looks that count only if nothing came behind them; they are among `looks` too."""
    reports: list[tuple[str, int]] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    openings: list[str] = field(default_factory=list)
    """Those of the refreshes that wake planners."""
    comments: list[tuple[str, datetime, int]] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    settings: list[tuple[str, int]] = field(default_factory=list)
    reconciliations: list[Reconciliation] = field(default_factory=list)

    def plan(self, slug: str, shards: Iterable[Shard]) -> None:
        self.plans += [(slug, shard.first) for shard in shards]

    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:
        self.batches += [(slug, after, delay) for after in batch_names]

    def sweep(self, slug: str, parts: Iterable[int]) -> None:
        self.sweeps += [(slug, part) for part in parts]

    def settle(self, slug: str, *, delay: int = 0) -> None:
        self.settles.append((slug, delay))

    def warm_up(self, slug: str) -> None:
        self.warmed_up.append(slug)

    def reconcile(self, so_far: Reconciliation) -> None:
        self.reconciliations.append(so_far)

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        self.looks.append((slug, delay))

    def make_digest(self, month: str) -> None:
        self.digests.append(month)

    def send_at_hour(self, slug: str, *, delay: int = 0) -> None:
        self.hours.append((slug, delay))

    def mail_test(self, slug: str, editor_id: str) -> None:
        self.tests.append((slug, editor_id))

    def mail_named_test(self, slug: str, test_id: str) -> None:
        self.tests.append((slug, test_id))

    def mail_comments(self, slug: str, quarter: datetime, *, delay: int) -> None:
        self.comments.append((slug, quarter, delay))

    def look_later(self, upload: Upload, *, delay: int) -> None:
        self.looks.append((upload.slug or "", delay))
        self.later.append((upload, delay))

    def refresh_archive(self, slug: str = "", *, then_plan: bool = False) -> None:
        self.refreshes.append(slug)
        if then_plan:
            self.openings.append(slug)

    def refresh_year(self, year: int) -> None:
        self.years.append(year)

    def take_settings_again(self, key: str, *, delay: int) -> None:
        self.settings.append((key, delay))

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
    line: datetime | None = None

    @property
    def largest_call(self) -> int:
        return largest_call(self.per_second)

    def seconds(self, recipient_count: int, *, now: datetime) -> float:
        return seconds(recipient_count, self.per_second, self.pace.share(now))

    def place_in_line(self, recipient_count: int, *, now: datetime) -> datetime:
        place, latest = self.line, now + LONGEST_LINE
        if place is None or place < now:
            place = min(max(now, self.until), latest)
        elif place > latest:
            return latest
        self.line = place + timedelta(seconds=seconds_in_line(recipient_count, self.per_second))
        return place

    def reserve(self, recipient_count: int, *, now: datetime, latest: datetime) -> datetime | None:
        start = max(now, self.until)
        if start > latest:
            return None
        if self.until < now - IDLE:
            self.line = None
        self.each = seconds(1, self.per_second, self.pace.share(now))
        self.until = start + timedelta(seconds=recipient_count * self.each)
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


class MemoryProbes:
    """What SES reported of probes."""

    def __init__(self) -> None:
        self.reported: dict[str, dict[str, datetime]] = defaultdict(dict)

    def note(self, probe_id: str, message_id: str, mailed_at: datetime, *, now: datetime) -> None:  # noqa: ARG002
        self.reported[probe_id][message_id] = mailed_at

    def returned(self, probe_id: str) -> Returned | None:
        reported = self.reported.get(probe_id)
        return Returned(len(reported), min(reported.values())) if reported else None


@dataclass
class PlainProber:
    """SES's own mailbox; what is reported of a probe, a test says."""

    answer: ProbeAnswer = ProbeAnswer.ACCEPTED
    sent: list[int] = field(default_factory=list)

    def send(self, message_count: int) -> Probed:
        self.sent.append(message_count)
        if self.answer is not ProbeAnswer.ACCEPTED:
            return Probed(self.answer)
        return Probed(self.answer, str(len(self.sent)), message_count)


@dataclass
class PlainBacklog:
    """Reports that are not read yet."""

    unread: int = 0
    given_up: int = 0

    def waiting(self) -> int:
        return self.unread

    def unreadable(self) -> int:
        return self.given_up


@dataclass
class MemorySecondPlace:
    """The second place of evidence: parts and ids."""

    kept: set[tuple[str, str]] = field(default_factory=set)
    failure: Exception | None = None

    def accepted(self, slug: str, since: datetime) -> frozenset[tuple[str, str]]:  # noqa: ARG002
        if self.failure is not None:
            raise self.failure
        return frozenset(self.kept)


def plain_channel() -> EvidenceChannel:
    """Return a way for reports on which nothing is."""
    return EvidenceChannel(PlainProber(), MemoryProbes(), PlainBacklog(), MemorySecondPlace())


@dataclass
class PlainAccount:
    """An account that may send so much."""

    allowed: Allowance = Allowance(per_second=14, per_day=50_000, left_today=50_000)
    account: Account = Account(max_send_rate=14, max_24_hour_send=50_000, sent_last_24_hours=0)

    def read(self) -> Account:
        return self.account

    def allowance(self) -> Allowance:
        return self.allowed


class MemoryAudienceCount:
    """How many confirmed subscribers there were."""

    def __init__(self, count: int | None = None) -> None:
        self.kept = None if count is None else (count, NOW)

    def last(self) -> tuple[int, datetime] | None:
        return self.kept

    def keep(self, count: int, *, now: datetime) -> None:
        self.kept = (count, now)
