"""Whoever ends the last batch asks for the books; one chain of looks for each send; what was cut off is taken up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.errors import StoreBusyError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.sending.count_through import count_through
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.progress import Progress
from newsletter.sending.domain.send import TAKEN_UP_AFTER, Again, PausedBy, Send, SendState
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.look_again import look_again
from newsletter.sending.jobs.open_send import Opening
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import send_again
from newsletter.sending.jobs.settle_open_sends import settle_open_sends
from tests.core.fakes import NOW
from tests.factories import SLUG, record, subscriber
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemorySends, MemorySweeps, PlainAccount
from tests.sending.test_control import Desk
from tests.sending.test_settle import ADA, BEN, CYD, EVERYBODY, Office

EVERY = timedelta(minutes=5)


def a_send(**changes: object) -> Send:
    return replace(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW), **changes)  # type: ignore[arg-type]


class Floor:
    """A send of three readers in two shards, its planners and its workers."""

    def __init__(self) -> None:
        self.sends, self.queues = MemorySends(), MemoryQueues()
        self.audience = MemorySubscribers(*(subscriber(number) for number in (0x10, 0x20, 0x21)))
        self.send = self.sends.open(a_send())

    def plan(self) -> None:
        for shard in shards(16):
            fan_out(
                SLUG, shard.first, sends=self.sends, audience=self.audience, sending_account=PlainAccount(),
                queues=self.queues, sweeps=MemorySweeps(self.sends), out_of_time=lambda: False, now=NOW,
            )  # fmt: skip

    def end(self, after: str, outcome: Outcome = Outcome.SENT) -> None:
        batch = self.sends.batch(SLUG, after)
        assert batch is not None
        through = batch.recorded(dict.fromkeys(batch.ids, outcome), now=NOW)
        self.sends.replace(batch, through)
        count_through(batch, through, send=self.send, sends=self.sends, queues=self.queues)


def test_the_worker_that_ends_the_last_batch_asks_for_the_books_and_no_other_does() -> None:
    floor = Floor()
    floor.plan()
    first, last = (batch.after for batch in floor.sends.batches(SLUG) if batch.ids)
    assert floor.queues.settles == []

    floor.end(first)
    assert floor.queues.settles == []

    floor.end(last, Outcome.UNKNOWN)  # nobody waits: it is time for settle to look at the doubts
    assert floor.queues.settles == [(SLUG, 0)]


def test_planners_that_are_slower_than_the_workers_ask_for_the_books() -> None:
    floor = Floor()
    plan = shards(16)
    for shard in plan[:-1]:
        floor.sends.chain_planned(SLUG, shard.first, 0)
    floor.plan()
    for batch in [batch for batch in floor.sends.batches(SLUG) if batch.ids]:
        floor.end(batch.after)
    floor.queues.settles.clear()

    fan_out(
        SLUG, plan[-1].first, sends=floor.sends, audience=floor.audience, sending_account=PlainAccount(),
        queues=floor.queues, sweeps=MemorySweeps(floor.sends), out_of_time=lambda: False, now=NOW,
    )  # fmt: skip

    assert floor.queues.settles == [(SLUG, 0)]


def test_a_send_without_readers_is_closed_by_whoever_plans_its_last_shard() -> None:
    floor = Floor()
    floor.audience.by_id.clear()

    floor.plan()

    assert floor.queues.settles == [(SLUG, 0)]


def test_a_batch_that_opens_again_is_not_through_until_it_ends_once_more() -> None:
    floor = Floor()
    floor.plan()
    first, last = (batch.after for batch in floor.sends.batches(SLUG) if batch.ids)
    floor.end(first, Outcome.REJECTED)
    floor.end(last)
    floor.queues.settles.clear()
    rejected = floor.sends.batch(SLUG, first)
    assert rejected is not None
    again = rejected.retried([Outcome.REJECTED], (), now=NOW)
    assert again is not None

    floor.sends.replace(rejected, again)
    count_through(rejected, again, send=floor.send, sends=floor.sends, queues=floor.queues)
    assert floor.queues.settles == []

    floor.end(first)
    assert floor.queues.settles == [(SLUG, 0)]


def test_batches_of_a_later_round_count_beside_those_of_the_first() -> None:
    progress = Progress({shard.first: 1 for shard in shards(16)}, through=16)

    assert progress.is_complete(a_send())
    assert not progress.is_complete(a_send(round=2)), "the second round is not planned yet"


class BusySends(MemorySends):
    """Cannot count."""

    def count_through(self, slug: str, difference: int) -> Progress:
        raise StoreBusyError("busy")


def test_what_cannot_be_counted_is_left_to_the_clock() -> None:
    batch = Batch.of(SLUG, "00", (ADA,), now=NOW)
    queues = MemoryQueues()

    count_through(batch, batch.recorded({ADA: Outcome.SENT}, now=NOW), send=a_send(), sends=BusySends(), queues=queues)

    assert queues.settles == []


def test_however_many_looks_are_asked_for_one_asks_for_the_next() -> None:
    sends, queues = MemorySends(), MemoryQueues()

    def look(seconds: float, every: timedelta = EVERY) -> bool:
        asked = len(queues.settles)
        look_again(a_send(), sends=sends, queues=queues, every=every, now=NOW + timedelta(seconds=seconds))
        return len(queues.settles) > asked

    assert look(0)
    assert not look(10)
    assert look(299), "a clock that is a second slow breaks no chain"
    assert look(300, timedelta(minutes=1)), "somebody needs a look earlier than it is booked"
    assert not look(300)
    assert look(3600), "a chain that broke begins again"
    assert queues.settles == [(SLUG, 300), (SLUG, 300), (SLUG, 60), (SLUG, 300)]


@pytest.mark.parametrize("state", [SendState.PAUSED, SendState.CLOSED])
def test_nobody_looks_again_at_a_send_that_is_held_or_through(state: SendState) -> None:
    sends, queues = MemorySends(), MemoryQueues()

    look_again(a_send(state=state), sends=sends, queues=queues, every=EVERY, now=NOW)

    assert queues.settles == []


class CutOffError(Exception):
    """The function ends here."""


class CutOffQueues(MemoryQueues):
    """Whoever wakes the planners dies."""

    def refresh_archive(self, slug: str = "", *, then_plan: bool = False) -> None:
        if then_plan:
            raise CutOffError
        super().refresh_archive(slug)


def test_a_resume_that_is_cut_off_is_taken_up_within_a_minute() -> None:
    desk = Desk()
    desk.sends.open(a_send())
    desk.sends.pause(SLUG, "Wait.", by=PausedBy.PERSON, now=NOW)
    cut_off = CutOffQueues()

    with pytest.raises(CutOffError):
        resume_send(SLUG, ports=replace(desk.ports, queues=cut_off, publish_queue=cut_off), now=NOW)

    assert cut_off.settles == [(SLUG, TAKEN_UP_AFTER)]
    assert TAKEN_UP_AFTER < 60
    office = Office({ADA: Outcome.SENT})
    office.sends.headers[SLUG] = desk.sends.headers[SLUG]
    office.look(NOW + timedelta(seconds=TAKEN_UP_AFTER))
    assert office.queues.openings == [SLUG]
    assert not office.sends.headers[SLUG].planners_due
    office.look(NOW + timedelta(seconds=TAKEN_UP_AFTER + 1))
    assert office.queues.openings == [SLUG], "once is enough"


def test_a_file_removed_when_everybody_has_the_issue_does_not_keep_its_books_open() -> None:
    office = Office(EVERYBODY)
    office.issues.by_slug[SLUG] = record(status=IssueStatus.PAUSED, withdrawn=True)
    office.sends.pause(SLUG, "the issue file was removed", by=PausedBy.PERSON, now=NOW)

    send, _ = office.look()

    assert send.state is SendState.CLOSED
    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT
    assert office.queues.reports == [(SLUG, 0)]


@pytest.mark.parametrize(("outcomes", "withdrawn"), [({ADA: Outcome.SENT}, True), (EVERYBODY, False)])
def test_a_send_that_still_holds_somebody_or_can_go_on_stays_held(
    outcomes: dict[str, Outcome], withdrawn: bool
) -> None:
    office = Office(outcomes)
    office.issues.by_slug[SLUG] = record(status=IssueStatus.PAUSED, withdrawn=withdrawn)
    office.sends.pause(SLUG, "somebody wants it", by=PausedBy.PERSON, now=NOW)

    assert office.look()[0].state is SendState.PAUSED


def test_a_try_again_while_a_slow_settle_closes_is_looked_after_though_the_issue_says_sent() -> None:
    office = Office({ADA: Outcome.SENT, BEN: Outcome.LEFT, CYD: Outcome.GAVE_UP})
    office.look()
    desk = Desk()
    desk.sends, desk.evidence, desk.issues, desk.queues = office.sends, office.evidence, office.issues, office.queues
    send_again(SLUG, Again.FAILED, ports=desk.ports, now=NOW)
    office.issues.set_status(SLUG, IssueStatus.SENT)  # what the slow one writes at its end
    opening = Opening(office.issues, office.sends, office.queues, office.queues, needs_approval=False, shards=16)

    looked = settle_open_sends(lambda name: office.look(NOW)[0], opening=opening, now=NOW)

    assert [send.slug for send in looked.sends] == [SLUG]


def test_rehearsals_are_looked_after_and_what_is_closed_is_not() -> None:
    sends, queues = MemorySends(), MemoryQueues()
    rehearsal = f"{SLUG}_rehearsal_1"
    sends.open(a_send(slug=rehearsal, rehearsal_of=SLUG))
    sends.open(a_send(slug="through", state=SendState.CLOSED))
    opening = Opening(MemoryIssues(), sends, queues, queues, needs_approval=False, shards=16)

    looked = settle_open_sends(lambda name: sends.headers[name], opening=opening, now=NOW)

    assert [send.slug for send in looked.sends] == [rehearsal]
