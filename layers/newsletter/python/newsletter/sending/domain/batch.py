"""A batch: recipients of one send, who share a claim and one write of outcomes.

Batches form a chain. A batch is named by the id after which it begins (`after`, exclusive) and covers the ids up to
its last one, so the next batch begins after that. Two planners at the same place compete for the same name, one of
them wins, and the other continues behind the winner: batches cannot overlap, and no id falls between two. A chain
is ended by an empty batch under the next name, so a planner that was slow cannot add anybody to a finished chain.

A later round of the same send (people who joined since) is a chain of its own; its names begin with `r<round>_`.
Whoever is found by the sweep has a batch alone, and is in no chain; its name is `r0_<id>`.

What SES says about the recipients of a batch is kept apart from it, in parts of fifty: an event rewrites the whole item
it is added to, so that must be small, while a batch is written three times and may be large.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import CLOCKS_APART

ONE_CALL = 50
"""SES takes 50 destinations in one bulk call. Also the smallest batch that is planned, and the size of a part."""

LARGEST_BATCH = 1000
"""Of 17 KB. A larger one would save one call for a thousand recipients, and leave more of them in doubt when its
worker dies."""

CLAIM_LEASE = timedelta(seconds=60)
"""A worker hands over to SES within this time of its claim, or gives the claim back unused."""

WORKER_LIFE = timedelta(seconds=150)
"""A worker can be alive for this long, whatever its lease says: Lambda ends it then. However short the grace period,
no claim is taken from the living; a test holds the function's time limit to this."""

SWEEP_ROUND = 0
"""The round of whoever the index of the audience showed too late: one batch for each, named by the reader's own id."""

MOST_DOUBTS = 3
"""A recipient is planned again this often without proof that SES did not take the message; then somebody who reads
mail should look into it. What is proven, and what an outage of SES left behind, does not count."""

MOST_REPEATS = 9
"""One digit is stored for each recipient; so often is counted."""

MOST_ATTEMPTS = 5
"""A recipient whom SES answers with FAILED is tried this often; then it is a failure with a reason."""


def name_in_round(round_number: int, begins: str) -> str:
    """Return the name of the batch that begins after this id; the first round has no prefix."""
    return begins if round_number == 1 else f"r{round_number}_{begins}"


def rounds_to(round_number: int) -> range:
    """Return the rounds in which a reader can have a place, up to this one."""
    return range(SWEEP_ROUND, round_number + 1)


def part_name(after: str, position: int) -> str:
    """Return under which name SES reports about the recipient at this position: its tag, and the key of the evidence.

    The first part has the name of the batch, as all recipients had when a batch held no more than fifty.
    """
    part = position // ONE_CALL
    return f"{after}-{part}" if part else after


def batch_of_part(part: str) -> str:
    """Return the name of the batch that this part is of; no other name holds a hyphen."""
    return part.partition("-")[0]


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
    """The id, or the shard's first characters, after which this batch begins. Its name."""
    ids: tuple[str, ...]
    outcomes: tuple[Outcome | None, ...]
    """By position; None is not sent to yet."""
    state: BatchState = BatchState.PLANNED
    attempts: int = 0
    """Claims so far that may have led to something: SES accepted, answered FAILED, or gave no clear answer."""
    claim: str = ""
    doubts: tuple[int, ...] = ()
    """By position: how often this recipient was planned again without evidence. Empty: nobody ever was."""
    repeats: tuple[int, ...] = ()
    """By position: how often this recipient was planned again though SES may have taken the email before. Empty: never.
    Unlike `doubts`, which decide who is given up, they are kept through outages and retries: the books tell them."""
    failures: tuple[int, ...] = ()
    """By position: how often SES answered FAILED. Empty: never. Claims do not tell: where the rate is low, a batch
    needs many of them without anybody failing."""
    touched_at: datetime
    """When it was planned, claimed or recorded last."""

    @classmethod
    def of(cls, slug: str, after: str, ids: tuple[str, ...], *, now: datetime) -> Batch:
        """Return a new batch in which everybody still waits."""
        return cls(slug=slug, after=after, ids=ids, outcomes=(None,) * len(ids), touched_at=now)

    @classmethod
    def end(cls, slug: str, after: str, *, now: datetime) -> Batch:
        """Return the end of a chain: it holds nobody, and takes the name under which anybody could be added."""
        return cls(slug=slug, after=after, ids=(), outcomes=(), state=BatchState.DONE, touched_at=now)

    @property
    def is_end(self) -> bool:
        """Whether the chain ends here."""
        return not self.ids

    @property
    def begins(self) -> str:
        """The id, or the shard's first characters, after which this batch begins."""
        return self.after.rpartition("_")[2]

    @property
    def round(self) -> int:
        """The round of the send that this batch belongs to."""
        return int(self.after.rpartition("_")[0][1:]) if "_" in self.after else 1

    @property
    def last(self) -> str:
        """The id after which the next batch begins."""
        return self.ids[-1] if self.ids else self.begins

    @property
    def is_through(self) -> bool:
        """Whether nobody in it waits, though for some it may not be clear yet what became of them."""
        return self.state in (BatchState.IN_DOUBT, BatchState.DONE)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids that have no outcome yet."""
        return tuple(
            subscriber_id for subscriber_id, outcome in zip(self.ids, self.outcomes, strict=True) if outcome is None
        )

    @property
    def in_doubt(self) -> tuple[str, ...]:
        """The ids that SES may or may not have accepted."""
        if self.state is not BatchState.CLAIMED and Outcome.UNKNOWN not in self.outcomes:
            return ()  # nearly always, and each look at a send asks it of each batch
        doubted = (None, Outcome.UNKNOWN) if self.state is BatchState.CLAIMED else (Outcome.UNKNOWN,)
        return tuple([one for one, outcome in zip(self.ids, self.outcomes, strict=True) if outcome in doubted])

    @property
    def perhaps_twice(self) -> tuple[str, ...]:
        """The ids for which SES may have taken more than one email: an earlier one, and the last or another earlier."""
        if not self.repeats:
            return ()
        places = zip(self.ids, self.outcomes, self.repeats, strict=True)
        last = (Outcome.SENT, Outcome.UNPROVEN, Outcome.UNKNOWN)
        return tuple(one for one, outcome, times in places if times + (outcome in last) > 1)

    def claimed(self, claim: str, *, now: datetime, outage_ended_at: datetime | None = None) -> Batch:
        """Return the batch in the hands of one worker; what befell it in an outage of SES is held against nobody."""
        held = replace(self, state=BatchState.CLAIMED, claim=claim, attempts=self.attempts + 1, touched_at=now)
        spared = outage_ended_at is not None and self.touched_at <= outage_ended_at
        return replace(held, doubts=(), failures=()) if spared else held

    def recorded(
        self,
        outcomes: Mapping[str, Outcome],
        *,
        now: datetime,
        harmless: bool = False,
        failed: Collection[str] = (),
        accepted: Collection[str] = (),
    ) -> Batch:
        """Return the batch with these outcomes added, free for the next worker if somebody still waits.

        A claim that SES provably did nothing with (throttled, no room) is `harmless`, and not counted: however long
        SES keeps us waiting, nobody comes nearer to being given up. Whom SES had `accepted` before was
        not mailed again after all.
        """
        merged = tuple(
            outcomes.get(subscriber_id, before) for subscriber_id, before in zip(self.ids, self.outcomes, strict=True)
        )
        attempts = self.attempts - 1 if harmless else self.attempts
        failures = self.failures
        if failed:
            before = failures or (0,) * len(self.ids)
            failures = tuple(times + (one in failed) for one, times in zip(self.ids, before, strict=True))
        return replace(
            self, outcomes=merged, state=_state(merged), claim="", attempts=attempts,
            failures=failures, repeats=self._repeats(less=accepted), touched_at=now,
        )  # fmt: skip

    def is_dead(self, *, now: datetime, grace: timedelta, outage_ended_at: datetime | None = None) -> bool:
        """Return whether evidence has had its time: the lease is over and the grace period too.

        That time begins with the end of an outage of SES: as long as it lasts, nobody can ask.
        """
        since = max(self.touched_at, outage_ended_at or self.touched_at)
        return (
            now - since >= max(CLAIM_LEASE + grace, WORKER_LIFE)
            if self.state is BatchState.CLAIMED
            else (now - since >= grace)
        )

    def quiet_from(self, apart: timedelta) -> datetime:
        """Return from when on no call for this batch can be under way, by clocks that are so far apart."""
        return self.touched_at + apart + (WORKER_LIFE if self.state is BatchState.CLAIMED else timedelta(0))

    def resolved(
        self,
        accepted: Collection[str],
        *,
        now: datetime,
        grace: timedelta,
        hold: bool = False,
        read_until: datetime | None = None,
        apart: timedelta = CLOCKS_APART,
        outage_ended_at: datetime | None = None,
    ) -> Batch | None:
        """Return the batch with its doubts resolved by evidence, or None while it is too early to tell.

        Whoever is in `accepted` was sent to. Whoever is not was provably not, and waits again, if all evidence about
        calls that ended by `read_until` is read, and theirs is one of them. Without that proof they are left alone for
        the whole of `grace`, and then wait again; or have failed as unproven when nobody may be mailed without proof
        (`hold`), or this happened to them too often already.
        """
        doubted = self.in_doubt
        if not doubted:
            return None
        proved = {subscriber_id: Outcome.SENT for subscriber_id in doubted if subscriber_id in accepted}
        absent = read_until is not None and self.quiet_from(apart) <= read_until
        over = self.is_dead(now=now, grace=grace, outage_ended_at=outage_ended_at)
        undecided = {subscriber_id for subscriber_id in doubted if subscriber_id not in proved}
        if self.state is BatchState.CLAIMED and not (absent or over):
            if undecided or now < self.quiet_from(apart):
                return None  # its worker may be at work
        elif not (absent or over) and undecided:
            # Since when the others are in doubt stays as it was.
            return self._with(proved, now=self.touched_at) if proved else None
        if absent:
            return self._with({**proved, **dict.fromkeys(undecided)}, now=now)
        doubts = self.doubts or (0,) * len(self.ids)
        again = {
            subscriber_id for subscriber_id, times in zip(self.ids, doubts, strict=True)
            if subscriber_id in undecided and times < MOST_DOUBTS and not hold
        }  # fmt: skip
        verdicts: dict[str, Outcome | None] = {
            **proved,
            **{subscriber_id: Outcome.UNPROVEN for subscriber_id in undecided - again},
        }
        counted = tuple(times + (subscriber_id in again) for subscriber_id, times in zip(self.ids, doubts, strict=True))
        return self._with(
            {**verdicts, **dict.fromkeys(again)}, now=now,
            doubts=counted if any(counted) else (), repeats=self._repeats(more=again),
        )  # fmt: skip

    def proved(self, accepted: Collection[str], *, now: datetime) -> Batch | None:
        """Return the batch with late evidence about the unproven, or None if there is none."""
        late = {subscriber_id for subscriber_id in self.with_outcome(Outcome.UNPROVEN) if subscriber_id in accepted}
        return self._with(dict.fromkeys(late, Outcome.SENT), now=now) if late else None

    def cancelled(self, accepted: Collection[str] = (), *, now: datetime) -> Batch | None:
        """Return the batch in which nobody waits any more, or None if nobody does, or a worker holds it.

        Somebody may wait whom SES has accepted: where the batch was put back from a backup.
        """
        if self.state is not BatchState.PLANNED:
            return None
        verdicts = {one: Outcome.SENT if one in accepted else Outcome.CANCELLED for one in self.waiting}
        return self._with(verdicts, now=now, repeats=self._repeats(less=set(self.waiting) & set(accepted)))

    def retried(self, to_retry: Collection[Outcome], accepted: Collection[str], *, now: datetime) -> Batch | None:
        """Return the batch in which everybody with one of these outcomes waits again, unless proved sent after all.

        None if that changes nobody, or a worker holds the batch. The attempts begin anew, but never at zero: the next
        worker has to ask the evidence.
        """
        again = self.with_outcome(*to_retry)
        if not again or self.state is BatchState.CLAIMED:
            return None
        verdicts = {subscriber_id: Outcome.SENT if subscriber_id in accepted else None for subscriber_id in again}
        unproven = set(self.with_outcome(Outcome.UNPROVEN)) & {one for one, sent in verdicts.items() if sent is None}
        opened = self._with(verdicts, now=now, doubts=(), failures=(), repeats=self._repeats(more=unproven))
        return replace(opened, attempts=min(self.attempts, 1))

    def refused(self, subscriber_ids: Collection[str], outcome: Outcome, *, now: datetime) -> Batch | None:
        """Return the batch after SES took back its acceptance of these, or None if that is on record already.

        A worker that holds the batch writes its own outcomes next, so a claimed batch is not touched: also None.
        """
        back = {
            one for one in self.with_outcome(Outcome.SENT, Outcome.UNKNOWN, Outcome.UNPROVEN) if one in subscriber_ids
        }
        if not back or self.state is BatchState.CLAIMED:
            return None
        return self._with(dict.fromkeys(back, outcome), now=now)

    def with_outcome(self, *outcomes: Outcome) -> tuple[str, ...]:
        """Return the ids that ended in one of these outcomes."""
        for outcome in outcomes:
            if outcome in self.outcomes:
                break
        else:
            return ()  # nearly always, and each look at a send asks it of each batch
        return tuple([one for one, ended in zip(self.ids, self.outcomes, strict=True) if ended in outcomes])

    def outcome_of(self, subscriber_id: str) -> Outcome | None:
        """Return what became of one recipient of this batch; None is not sent to yet."""
        return self.outcomes[self.ids.index(subscriber_id)]

    def failures_of(self, subscriber_id: str) -> int:
        """Return how often SES answered FAILED for one recipient of this batch."""
        return self.failures[self.ids.index(subscriber_id)] if self.failures else 0

    def repeats_of(self, subscriber_id: str) -> int:
        """Return how often one recipient of this batch was planned again though SES may have taken the email."""
        return self.repeats[self.ids.index(subscriber_id)] if self.repeats else 0

    def _repeats(self, *, more: Collection[str] = (), less: Collection[str] = ()) -> tuple[int, ...]:
        """Return the repeats with these counted, and those taken back; a digit each, and nothing if there are none."""
        if not (self.repeats or more):
            return ()
        counted = tuple(
            min(MOST_REPEATS, max(0, times + (subscriber_id in more) - (subscriber_id in less)))
            for subscriber_id, times in zip(self.ids, self.repeats or (0,) * len(self.ids), strict=True)
        )
        return counted if any(counted) else ()

    def _with(self, verdicts: Mapping[str, Outcome | None], *, now: datetime, **changes: Any) -> Batch:
        merged = tuple(
            verdicts.get(subscriber_id, before) for subscriber_id, before in zip(self.ids, self.outcomes, strict=True)
        )
        return replace(self, outcomes=merged, state=_state(merged), claim="", touched_at=now, **changes)


def _state(outcomes: tuple[Outcome | None, ...]) -> BatchState:
    if None in outcomes:
        return BatchState.PLANNED
    return BatchState.IN_DOUBT if Outcome.UNKNOWN in outcomes else BatchState.DONE


def split(ids: Iterator[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield the ids in groups of `size`; the last may be smaller."""
    group: list[str] = []
    for subscriber_id in ids:
        group.append(subscriber_id)
        if len(group) == size:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)
