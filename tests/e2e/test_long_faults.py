"""Hours without reports of SES, hours without SES, and a calm send: nobody gets two, nobody none, the books close soon.

An hour of these stories is what `UnknownGraceSeconds` says; a day has twenty-four of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from local.reader import wait_for
from local.stack import running
from newsletter.sending.domain.batch import BatchState
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import PausedBy, SendState
from tests.e2e.sends import delivered, fire, join, sends, simulate, upload, workers
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

HOUR = timedelta(seconds=5)
DARK, OUTAGE, CALM = "2026-11-03-dark", "2026-11-17-outage", "2026-12-01-calm"
THE_FIRST = [f"reader{number}@example.org" for number in range(160)]
EVERYBODY = [f"reader{number}@example.org" for number in range(int(os.environ.get("CALM_READERS", "500")))]
"""Five thousand take minutes on two processors, and behave alike."""
CALLS_OF_FIVE = 10
"""A rate, in recipients a second, at which a worker asks SES more than once for a batch."""
LIFE_LEFT = timedelta(seconds=75)
"""By so much the claim of a killed worker is made older, which spares the test most of a worker's longest life."""
BOUND = 240


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    home = tmp_path_factory.mktemp("long-faults-stack")
    with running(home, {"UnknownGraceSeconds": str(int(HOUR.total_seconds()))}) as (_, where):
        laptop = Laptop(home, where)
        join(laptop, THE_FIRST)
        yield laptop


def switch_feedback(laptop: Laptop, *, on: bool) -> None:
    """Let the function that reads SES's reports be woken by its queue, or not."""
    functions = laptop.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=laptop.where["functions"]["feedback"])[
        "EventSourceMappings"
    ]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


def kill_the_workers(laptop: Laptop, slug: str) -> None:
    """Kill them while SES, which has accepted, still owes them its answer; then deliver their messages again."""
    simulate(laptop, "account", max_send_rate=CALLS_OF_FIVE)
    upload(laptop, slug)
    simulate(laptop, "faults", latency_ms=10_000)
    fire(laptop, slug)
    wait_for("everybody to be planned", lambda: len(sends(laptop).finished_shards(slug)) == 16)
    wait_for("SES to accept somebody", lambda: laptop.inbox.recipients_of(slug))
    for process in workers(laptop):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    simulate(laptop, "faults")
    simulate(laptop, "account", max_send_rate=200)
    store = sends(laptop)
    left = [batch for batch in store.batches(slug) if batch.state is not BatchState.DONE]
    assert any(batch.state is BatchState.CLAIMED for batch in left)
    for batch in left:
        if batch.state is BatchState.CLAIMED:
            store.replace(batch, replace(batch, touched_at=batch.touched_at - LIFE_LEFT))
        laptop.tell("batch", json.dumps({"slug": slug, "batch": batch.after}))  # as SQS does later


def through(hours: int, look: Callable[[], None]) -> None:
    """Let so many hours of the story pass, and look all the time."""
    end = time.monotonic() + hours * HOUR.total_seconds()

    def over() -> bool:
        look()
        return time.monotonic() >= end

    wait_for(f"{hours} hours", over, seconds=hours * HOUR.total_seconds() + 60)


def closed(laptop: Laptop, slug: str) -> Books:
    def books() -> Books | None:
        send = sends(laptop).get(slug)
        return send.books if send else None

    return wait_for(f"the books of {slug}", books, seconds=BOUND)


def test_ten_hours_without_reports_and_a_killed_worker_mail_nobody_twice(laptop: Laptop) -> None:
    switch_feedback(laptop, on=False)
    kill_the_workers(laptop, DARK)

    def nobody_is_mailed_twice() -> None:
        assert max(delivered(laptop, DARK).values()) == 1
        send = sends(laptop).get(DARK)
        assert send is not None
        assert send.state is not SendState.CLOSED, "nobody can know yet what became of a killed worker's readers"

    through(10, nobody_is_mailed_twice)
    switch_feedback(laptop, on=True)

    assert closed(laptop, DARK) == Books(audience=len(THE_FIRST), sent=len(THE_FIRST))
    assert delivered(laptop, DARK) == Counter(THE_FIRST)


def test_five_hours_without_ses_pause_the_send_and_nobody_is_given_up(laptop: Laptop) -> None:
    upload(laptop, OUTAGE)
    simulate(laptop, "faults", error_5xx=1.0)
    fire(laptop, OUTAGE)

    def paused() -> bool:
        send = sends(laptop).get(OUTAGE)
        return send is not None and send.paused_by is PausedBy.OUTAGE

    wait_for("the send to be paused", paused, seconds=60)
    through(5, lambda: None)
    simulate(laptop, "faults")

    assert closed(laptop, OUTAGE) == Books(audience=len(THE_FIRST), sent=len(THE_FIRST))
    assert delivered(laptop, OUTAGE) == Counter(THE_FIRST)


def test_the_books_of_a_calm_send_close_within_ten_seconds_of_the_last_answer(laptop: Laptop) -> None:
    join(laptop, EVERYBODY[len(THE_FIRST) :])
    look_seldom(laptop)
    simulate(laptop, "account", max_send_rate=500, max_24_hour_send=100_000)
    upload(laptop, CALM)
    fire(laptop, CALM)

    assert closed(laptop, CALM) == Books(audience=len(EVERYBODY), sent=len(EVERYBODY))
    send = sends(laptop).get(CALM)
    assert send is not None
    assert send.closed_at is not None
    messages = laptop.inbox.messages(**{"tag.issue": CALM, "view": "summary"})
    last = max(datetime.fromisoformat(message["sent_at"]) for message in messages)
    assert send.closed_at - last <= timedelta(seconds=10)
    assert delivered(laptop, CALM) == Counter(EVERYBODY)


def look_seldom(laptop: Laptop) -> None:
    """Let settle look as seldom by itself as in AWS, so that what closes the books is the last worker's word."""
    functions, name = laptop.client("lambda"), laptop.where["functions"]["settle"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables | {"SETTLE_EVERY_SECONDS": "300"}}
    )
