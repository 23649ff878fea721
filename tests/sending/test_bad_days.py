"""A send on a bad day: a provider that is slow with every call, credentials that change, a clock that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from newsletter.issues.domain.issue import RenderedIssue
from newsletter.sending.adapters.ses_answers import NO_CREDENTIALS
from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.batch import CLAIM_LEASE, BatchState
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy, Recipient, Send, SendState
from tests.factories import SLUG
from tests.sending.fakes import MemorySends, MemoryTransport
from tests.sending.test_send_batch import SlowSes, Worker, a_large_batch
from tests.simulation.large_account import Fleet


def test_a_provider_that_takes_ten_seconds_for_each_call_gets_everybody_once_and_no_claim_runs_out() -> None:
    worker = a_large_batch(readers=1000)
    slow = SlowSes(worker, 9.9)
    looks = 0
    while worker.batch.state is not BatchState.DONE:
        began, looks = worker.clock.now(), looks + 1
        worker.look(f"worker {looks}", transport=slow)
        assert worker.clock.now() - began < CLAIM_LEASE

    assert looks == 4
    assert sorted(slow.mailed) == sorted(worker.batch.ids)
    assert set(worker.batch.outcomes) == {Outcome.SENT}
    assert worker.header.state is SendState.OPEN


def test_a_fleet_at_a_provider_that_takes_ten_seconds_for_each_call_mails_everybody_once() -> None:
    people = 4_000
    fleet = Fleet(1_000, 3, people, answer=(9.9, 9.9)).run(300)

    assert fleet.mailed == b"\x01" * people
    assert not fleet.queue.due


class ChangedCredentials(MemoryTransport):
    """SES refuses what is signed with the old ones, from the second call on, until there are new ones."""

    def __init__(self) -> None:
        super().__init__()
        self.are_new = False

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        if self.calls and not self.are_new:
            return [NO_CREDENTIALS] * len(recipients)
        return super().send(rendered, recipients)


def test_credentials_that_end_in_mid_send_hold_it_and_fail_or_repeat_nobody() -> None:
    worker, ses = a_large_batch(), ChangedCredentials()

    worker.look(transport=ses)

    assert (worker.header.state, worker.header.paused_by) == (SendState.PAUSED, PausedBy.SES)
    assert (len(worker.batch.with_outcome(Outcome.SENT)), len(worker.batch.waiting)) == (50, 70)

    ses.are_new = True
    worker.sends.resume(SLUG, now=worker.clock.now())
    worker.look("the next worker", transport=ses)

    assert sorted(ses.mailed) == sorted(worker.batch.ids)
    assert set(worker.batch.outcomes) == {Outcome.SENT}


class WrongClock(MemorySends):
    """AWS refuses what is signed more than five minutes off: from a certain write on, everything."""

    def __init__(self, worker: Worker, writes: int) -> None:
        super().__init__()
        self.headers, self.batch_items = worker.sends.headers, worker.sends.batch_items
        self.writes_left = writes

    def get(self, slug: str) -> Send | None:
        self._sign()
        return super().get(slug)

    def replace(self, stored: Any, batch: Any) -> bool:
        self._sign()
        self.writes_left -= 1
        return super().replace(stored, batch)

    def _sign(self) -> None:
        if self.writes_left <= 0:
            raise ClientError({"Error": {"Code": "InvalidSignatureException", "Message": "expired"}}, "UpdateItem")


def test_a_worker_whose_clock_is_ten_minutes_off_mails_nobody_and_its_message_comes_back() -> None:
    worker = Worker()

    with pytest.raises(ClientError):
        worker.look(sends=WrongClock(worker, writes=0))

    assert worker.transport.mailed == []
    assert worker.batch.state is BatchState.PLANNED


def test_a_clock_that_jumps_behind_a_claim_leaves_nobody_to_be_mailed_twice() -> None:
    """The last write is refused. Who was mailed is learnt from SES's reports, once no worker can be alive."""
    worker = Worker()

    with pytest.raises(ClientError):
        worker.look(sends=WrongClock(worker, writes=1))

    assert worker.batch.state is BatchState.CLAIMED
    worker.look("another worker")
    mailed = worker.transport.mailed
    assert len(mailed) == len(set(mailed))
    late = worker.clock.now() + timedelta(hours=2)
    settled = worker.batch.resolved(mailed, now=late, grace=timedelta(hours=1), hold=True)
    assert settled is not None
    assert settled.with_outcome(Outcome.SENT) == tuple(sorted(mailed))
