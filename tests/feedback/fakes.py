"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from newsletter.core.links import vote_half_of_issue
from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.archived_events import accepted_in, is_archived
from newsletter.feedback.domain.engagement import TOUCHES_OF_ONE, Engagement, Touch
from newsletter.feedback.domain.event_file import EventFile
from newsletter.feedback.domain.feedback import TAKEN_BACK, FeedbackEvent, FeedbackKind, RecordedEvent
from newsletter.feedback.domain.queued_report import QueuedReport
from newsletter.feedback.domain.reconciliation import Reconciliation
from newsletter.feedback.domain.reply import ReplyMark
from newsletter.feedback.domain.response import Responses, Vote, VoteLink
from newsletter.feedback.domain.results import IssueResults, RecordedEvents
from newsletter.feedback.domain.user_agent import Agent
from newsletter.feedback.first_wave_ports import FirstWave
from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.suppression import Listed, SuppressionReason
from newsletter.sending.domain.batch import LARGEST_BATCH, ONE_CALL, part_name
from newsletter.sending.domain.send import is_send_name
from tests.core.fakes import NOW
from tests.readers.fakes import MemoryConfirmationHold


class MemorySuppressionList:
    """SES's list; what it refuses is refused for everybody, as in the sandbox."""

    def __init__(self, *listed: Listed) -> None:
        self.by_email = {each.email: each for each in listed}
        self.refuses = False
        self.asked: list[str] = []

    def page(self, page_token: str, *, limit: int) -> tuple[list[Listed], str]:
        begin = int(page_token or 0)
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

    def last_notice(self) -> str:
        return self.trouble

    def note_notice(self, trouble: str) -> None:
        self.trouble = trouble

    def keep(self, reconciliation: Reconciliation, *, now: datetime) -> None:
        self.kept = (now, reconciliation)

    def last_reconciliation(self) -> tuple[datetime, Reconciliation] | None:
        return self.kept


class MemoryUnfamiliar:
    """Events of types that nobody knows."""

    def __init__(self) -> None:
        self.shapes: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def keep(self, name: str, shape: str, *, now: datetime) -> None:  # noqa: ARG002 - nothing expires here
        self.shapes.setdefault(name, shape)
        self.counts[name] += 1


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
        self,
        slug: str,
        touches_by_part: Mapping[str, Collection[Touch]],
        urls: Mapping[str, str],
        *,
        now: datetime,
    ) -> None:
        if slug in self.totals:
            late = Counter(touch.kind for of_part in touches_by_part.values() for touch in of_part)
            opens, clicks = late[FeedbackKind.OPENED], late[FeedbackKind.CLICKED]
            before = self.totals[slug]
            self.totals[slug] = replace(
                before, late_opens=before.late_opens + opens, late_clicks=before.late_clicks + clicks
            )
            return
        self.links[slug].update(urls)
        for part, of_part in touches_by_part.items():
            self.writes += 1
            known = self.touches.setdefault(slug, defaultdict(set))[part]
            for touch in sorted(of_part):
                enough = sum(each.recipient == touch.recipient for each in known) >= TOUCHES_OF_ONE
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


class MemoryConfirmationWatch(MemoryConfirmationHold):
    """Counts of confirmation email, and whether it is held."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: Counter[tuple[date, datetime | None]] = Counter()
        self.bad: dict[tuple[date, datetime | None, FeedbackKind], set[str]] = defaultdict(set)

    def count(
        self,
        day: date,
        since: datetime | None,
        message_ids: Mapping[FeedbackKind, Collection[str]],
        *,
        now: datetime,  # noqa: ARG002 - nothing expires here
    ) -> Mapping[FeedbackKind, int]:
        for kind, ids in message_ids.items():
            if kind is FeedbackKind.SENT:
                self.sent[day, since] += len(ids)
            else:
                self.bad[day, since, kind].update(ids)
        bad = {kind: len(ids) for (*where, kind), ids in self.bad.items() if where == [day, since]}
        return {FeedbackKind.SENT: self.sent[day, since]} | bad

    def hold(self, because: str, *, now: datetime) -> None:
        held_at = self.state.held_at
        if not self.state.because or (held_at and held_at <= now - timedelta(hours=1)):
            self.state = ConfirmationHold(because, judged_from=now, held_at=now)

    def note_notice(self) -> None:
        self.state = replace(self.state, editors_informed=True)

    def release(self, *, now: datetime, held_at: datetime | None = None) -> bool:
        held = bool(self.state.because) and held_at in (None, self.state.held_at)
        self.state = ConfirmationHold(judged_from=now) if held else self.state
        return held


class MemoryEvidence:
    """What SES reported about the recipients of a send."""

    def __init__(self) -> None:
        self.by_part: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.events: dict[tuple[str, str], dict[FeedbackKind, set[RecordedEvent]]] = defaultdict(
            lambda: defaultdict(set)
        )
        self.tallies: dict[tuple[str, datetime | None], Counter[FeedbackKind]] = defaultdict(Counter)
        self.mailed: dict[tuple[str, datetime | None], int] = {}
        self.writes = 0
        self.tally_writes = 0

    def add(
        self, slug: str, part: str, subscriber_ids: Collection[str], recorded: RecordedEvents | None = None
    ) -> frozenset[tuple[FeedbackKind, str]]:
        self.writes += 1
        known = self.events[slug, part]
        before = {(kind, each.subscriber_id) for kind, which in known.items() for each in which}
        before |= {(FeedbackKind.SENT, who) for who in self.by_part[slug, part]}
        self.by_part[slug, part].update(subscriber_ids)
        for kind, which in (recorded or {}).items():
            known[kind].update(which)
        said = {(FeedbackKind.SENT, who) for who in subscriber_ids}
        said |= {(kind, each.subscriber_id) for kind, which in (recorded or {}).items() for each in which}
        return frozenset(said - before)

    def results(self, slug: str) -> IssueResults:
        parts = {key for key in (*self.by_part, *self.events) if key[0] == slug}
        return IssueResults.of((self.by_part[key], self.events[key]) for key in parts)

    def tally(
        self, slug: str, since: datetime | None, counts: Mapping[FeedbackKind, int]
    ) -> Mapping[FeedbackKind, int]:
        self.tally_writes += 1
        self.tallies[slug, since].update(counts)
        return self._tallied(slug, since)

    def note_mailed(self, slug: str, since: datetime | None, mailed: int) -> Mapping[FeedbackKind, int]:
        self.mailed[slug, since] = mailed
        return self._tallied(slug, since)

    def _tallied(self, slug: str, since: datetime | None) -> Mapping[FeedbackKind, int]:
        tally = self.tallies[slug, since]
        return {**tally, FeedbackKind.SENT: max(tally[FeedbackKind.SENT], self.mailed.get((slug, since), 0))}

    def accepted(self, slug: str, after: str) -> frozenset[str]:
        parts = [(slug, part_name(after, position)) for position in range(0, LARGEST_BATCH, ONE_CALL)]
        back = (each.subscriber_id for part in parts for kind in TAKEN_BACK for each in self.events[part].get(kind, ()))
        return frozenset().union(*(self.by_part[part] for part in parts)).difference(back)


class MemoryEvidenceArchive:
    """The second place of evidence in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[datetime, list[FeedbackEvent]]] = {}
        """By name: when it was written, and what it holds."""
        self.fails = False

    def keep(self, events: Iterable[FeedbackEvent], *, now: datetime) -> None:
        self._answer()
        by_send: dict[str, list[FeedbackEvent]] = defaultdict(list)
        for event in events:
            if is_archived(event) and is_send_name(event.slug):
                by_send[event.slug].append(replace(event, mail="issue", seconds=0, agent=Agent.READER))
        for slug, about in by_send.items():
            self.objects[f"evidence/{slug}/{len(self.objects)}"] = (now, about)

    def names(self, slug: str, since: datetime) -> list[str]:
        self._answer()
        begin = since - timedelta(minutes=10)
        found = [(at, name) for name, (at, _) in self.objects.items() if at >= begin and name.split("/")[1] == slug]
        return [name for _, name in sorted(found)]

    def replayed(self, body: str) -> list[FeedbackEvent] | None:
        if not body.startswith("evidence/"):
            return None
        self._answer()
        return self.objects[body][1] if body in self.objects else []

    def accepted(self, slug: str, since: datetime) -> frozenset[tuple[str, str]]:
        return accepted_in(event for name in self.names(slug, since) for event in self.objects[name][1])

    def _answer(self) -> None:
        if self.fails:
            raise StoreBusyError("the archive does not answer")


class MemoryEventFiles:
    """Files of events, by name; a message that names one is its name."""

    def __init__(self) -> None:
        self.files: dict[str, EventFile] = {}
        self.fails = False

    def name_in(self, body: str) -> str:
        return body if body.startswith("ses-events/") else ""

    def read(self, name: str, *, now: datetime) -> EventFile:  # noqa: ARG002 - nothing here is from the future
        self._answer()
        return self.files.get(name, EventFile())

    def remove(self, name: str) -> None:
        self._answer()
        self.files.pop(name, None)

    def _answer(self) -> None:
        if self.fails:
            raise StoreBusyError("the files do not answer")


class MemoryFeedbackQueue:
    """What was put aside, and what waits for how long."""

    def __init__(self) -> None:
        self.put_aside_bodies: list[str] = []
        self.hidden: dict[str, timedelta] = {}
        self.fails = False

    def put_aside(self, report: QueuedReport) -> None:
        self._answer()
        self.put_aside_bodies.append(report.body)

    def hide(self, reports: Sequence[QueuedReport]) -> None:
        self._answer()
        self.hidden |= {report.message_id: report.wait for report in reports}

    def _answer(self) -> None:
        if self.fails:
            raise StoreBusyError("SQS does not answer")


class MemoryFirstWaves:
    """The first wave of each send."""

    def __init__(self) -> None:
        self.by_slug: dict[str, FirstWave] = {}
        self.seen = 0
        """Emails that the circuit breaker has seen."""

    def get(self, slug: str) -> FirstWave:
        return self.by_slug.get(slug, FirstWave())

    def admit(self, slug: str, after: str, *, beside: FirstWave) -> bool:
        stands = self.get(slug)
        if stands.batch_names != beside.batch_names:
            return False
        self.by_slug[slug] = replace(stands, batch_names=stands.batch_names | {after})
        return True

    def note_judged(self, slug: str, *, now: datetime) -> None:
        stands = self.get(slug)
        self.by_slug[slug] = replace(stands, judged_at=stands.judged_at or now)

    def reported(self, slug: str) -> int:  # noqa: ARG002 - there is one
        return self.seen


class MemoryResponses:
    """What readers said about issues, and which links have voted."""

    def __init__(self) -> None:
        self.counts: dict[str, Responses] = {}
        self.replies: dict[str, int] = {}
        self.voted: dict[tuple[str, str], datetime] = {}

    def vote(self, vote_link: VoteLink, vote: Vote) -> bool:
        mark = (vote_link.slug, vote_link.mark)
        if mark in self.voted:
            return False
        self.voted[mark] = vote_link.forgotten_at
        said = self.counts.get(vote_link.slug, Responses())
        yes = vote is Vote.YES
        self.counts[vote_link.slug] = replace(said, useful=said.useful + yes, not_useful=said.not_useful + (not yes))
        return True

    def reply(self, reply_mark: ReplyMark) -> bool:
        mark = (reply_mark.issue_half, reply_mark.mark)
        if mark in self.voted:
            return False
        self.voted[mark] = reply_mark.forgotten_at
        self.replies[reply_mark.issue_half] = self.replies.get(reply_mark.issue_half, 0) + 1
        return True

    def of_issue(self, slug: str) -> Responses | None:
        replies = self.replies.get(vote_half_of_issue(slug), 0)
        said = self.counts.get(slug)
        return replace(said or Responses(), replies=replies) if said or replies else None
