"""SES loses answers and throttles, a worker is killed: everybody still gets one message, and the books balance."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from local.reader import wait_for
from local.stack import laptop_parameters, running
from newsletter.sending.domain.batch import WORKER_LIFE, BatchState
from newsletter.sending.domain.books import Books
from tests.e2e.sends import delivered, evidence_is_on_its_way, fire, join, sends, simulate, upload, workers
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

EVERYBODY = [f"reader{number}@example.org" for number in range(2000)]
THE_FIRST = EVERYBODY[:160]
"""They are on the list when the workers are killed."""

KILLED, FAULTY = "2026-11-03-killed", "2026-11-17-faulty"

CALLS_OF_FIVE = 10
"""A rate, in recipients a second, at which a worker asks SES more than once for a batch."""
GRACE = timedelta(seconds=int(laptop_parameters("")["UnknownGraceSeconds"]))
BOUND = 300
"""Seconds until a send must be over: a busy machine may need minutes for two thousand readers."""


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A stack on which both sends are under way; of the first the workers have died in the middle of a batch."""
    home = tmp_path_factory.mktemp("faults-stack")
    with running(home) as (_, where):
        laptop = Laptop(home, where)
        join(laptop, THE_FIRST)
        kill_the_workers_in_the_middle_of_a_batch(laptop)
        join(laptop, EVERYBODY[len(THE_FIRST) :])
        upload(laptop, FAULTY)  # before the faults: one that hits the editors' preview only keeps everybody waiting
        # This seed has five of the first 45 calls throttled, five unanswered and one answered 500.
        simulate(laptop, "faults", throttle=0.1, lose_answer=0.05, error_5xx=0.02, seed=20)
        fire(laptop, FAULTY)
        yield laptop


def kill_the_workers_in_the_middle_of_a_batch(laptop: Laptop) -> None:
    """Kill them while SES, which has accepted, still owes them its answer; then deliver their messages again."""
    simulate(laptop, "account", max_send_rate=CALLS_OF_FIVE)
    upload(laptop, KILLED)
    simulate(laptop, "faults", latency_ms=10_000)
    fire(laptop, KILLED)
    batches = sends(laptop)
    wait_for("everybody to be planned", lambda: len(batches.finished_shards(KILLED)) == 16)
    wait_for("SES to accept somebody", lambda: laptop.inbox.recipients_of(KILLED))

    simulate(laptop, "account", max_send_rate=200)  # whoever follows the dead asks once a minute
    for process in workers(laptop):
        with contextlib.suppress(ProcessLookupError):  # of one that had ended by itself the folder stays
            os.kill(process, signal.SIGKILL)

    left = [batch for batch in batches.batches(KILLED) if batch.state is not BatchState.DONE]
    assert any(batch.state is BatchState.CLAIMED for batch in left)
    simulate(laptop, "faults")
    wait_for("the evidence", lambda: not evidence_is_on_its_way(laptop), seconds=60)
    for batch in batches.batches(KILLED):
        if batch.state is BatchState.CLAIMED:  # as if a worker's life had passed: no dead one may be thought alive
            assert batches.replace(batch, replace(batch, touched_at=batch.touched_at - WORKER_LIFE))
    for batch in left:  # as SQS does a quarter of an hour later
        laptop.tell("batch", json.dumps({"slug": KILLED, "batch": batch.after}))


def skip_the_grace(laptop: Laptop, slug: str) -> None:
    """Let the time pass that is left for evidence, unless some is on its way; nobody would wait for anything else."""
    if evidence_is_on_its_way(laptop):
        return
    store = sends(laptop)
    doubtful = [each for each in store.batches(slug) if each.in_doubt and each.state is not BatchState.CLAIMED]
    if not evidence_is_on_its_way(laptop):  # still: all that was accepted before we looked is on record
        for batch in doubtful:
            store.replace(batch, replace(batch, touched_at=batch.touched_at - GRACE))


def closed(laptop: Laptop, slug: str) -> Books:
    """Wait until the books of a send are closed, and return them."""

    def books() -> Books | None:
        send = sends(laptop).get(slug)
        if send is None or send.books is None:
            skip_the_grace(laptop, slug)
            return None
        return send.books

    return wait_for(f"the books of {slug}", books, seconds=BOUND)


def test_lost_answers_and_throttles_leave_everybody_with_one_message(laptop: Laptop) -> None:
    books = closed(laptop, FAULTY)

    assert books == Books(audience=len(EVERYBODY), sent=len(EVERYBODY))
    assert delivered(laptop, FAULTY) == Counter(EVERYBODY)
    stats = httpx.get(f"{laptop.where['ses_endpoint']}/_simulator/stats").json()
    assert min(stats["lost_answers"], stats["throttled_by_fault"]) >= 4


def test_killed_workers_leave_everybody_with_one_message(laptop: Laptop) -> None:
    books = closed(laptop, KILLED)

    assert books == Books(audience=len(THE_FIRST), sent=len(THE_FIRST))
    assert delivered(laptop, KILLED) == Counter(THE_FIRST)
