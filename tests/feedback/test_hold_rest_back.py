"""The rest of a send leaves when the first wave was judged: mailed, waited for, and reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.errors import StoreBusyError
from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.feedback.adapters.dynamo_first_wave import DynamoFirstWave
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.first_wave_ports import FirstWave, FirstWavePorts
from newsletter.feedback.jobs.hold_rest_back import Turn, hold_rest_back
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, Send
from tests.core.fakes import NOW, VirtualClock
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryFirstWaves
from tests.sending.fakes import MemorySends

WAIT = timedelta(minutes=10)


class Post:
    """Ten batches of ten; thirty recipients leave first, and the breaker needs twenty."""

    def __init__(self, *, size: int = 30) -> None:
        self.sends, self.clock = MemorySends(), VirtualClock()
        self.waves = MemoryFirstWaves()
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        for name in range(10):
            ids = tuple(an_id(10 * name + number) for number in range(10))
            self.sends.add_batch(Batch.of(SLUG, str(name), ids, now=NOW))
        self.ports = FirstWavePorts(
            waves=self.waves, sends=self.sends, clock=self.clock, size=size, wait=WAIT, sample=20
        )

    def turn(self, name: int) -> Turn:
        return hold_rest_back(SLUG, str(name), ports=self.ports)

    def mail(self, *names: int, outcome: Outcome = Outcome.SENT) -> None:
        for name in names:
            assert self.turn(name) is Turn.NOW
            batch = self.sends.batch(SLUG, str(name))
            assert batch is not None
            done = batch.recorded(dict.fromkeys(batch.ids, outcome), now=self.clock.now())
            assert self.sends.replace(batch, done)


def test_without_a_first_wave_everybody_leaves_and_nothing_is_asked() -> None:
    post = Post(size=0)

    assert [post.turn(name) for name in range(10)] == [Turn.NOW] * 10
    assert post.waves.by_slug == {}


def test_the_rest_leaves_when_the_first_wave_was_mailed_waited_for_and_reported() -> None:
    post = Post()
    for name in range(3):
        assert post.turn(name) is Turn.NOW

    assert post.turn(3) is Turn.LATER  # the wave is under way
    post.mail(0, 1, 2)
    assert post.turn(3) is Turn.LATER  # its bounces need time
    post.clock.sleep(WAIT.total_seconds())
    post.waves.seen = 28
    assert post.turn(3) is Turn.LATER  # SES has not reported it
    post.waves.seen = 29
    assert post.turn(3) is Turn.NOW
    assert [post.turn(name) for name in range(4, 10)] == [Turn.NOW] * 6


def test_a_worker_whose_clock_is_ahead_waits_shorter_by_that_and_no_more() -> None:
    post, ahead = Post(), timedelta(minutes=3)
    post.mail(0, 1, 2)
    post.waves.seen = 30
    clock = VirtualClock(NOW + ahead)
    post.ports = replace(post.ports, clock=clock)

    clock.sleep((WAIT - ahead).total_seconds() - 1)
    assert post.turn(3) is Turn.LATER
    clock.sleep(1)
    assert post.turn(3) is Turn.NOW


def test_a_batch_of_the_first_wave_may_come_back() -> None:
    post = Post()

    assert [post.turn(name) for name in (0, 1, 2, 0, 1, 2)] == [Turn.NOW] * 6
    assert post.turn(3) is Turn.LATER


def test_more_join_until_the_breaker_has_something_to_judge() -> None:
    post = Post()
    post.mail(0)
    post.mail(1, 2, outcome=Outcome.MUTED)

    post.mail(3)  # ten were mailed, and the breaker needs twenty
    assert post.turn(4) is Turn.LATER


def test_whoever_resumed_the_send_by_hand_has_judged() -> None:
    post = Post()
    for name in range(3):
        post.turn(name)
    assert post.turn(3) is Turn.LATER

    post.sends.pause(SLUG, "Somebody looks.", by=PausedBy.PERSON, now=NOW)
    assert post.turn(4) is Turn.NOW  # the worker drops the message of a send that is held
    post.sends.resume(SLUG, now=NOW)

    assert post.turn(3) is Turn.NOW


def test_a_send_that_we_do_not_know_is_left_to_the_worker() -> None:
    assert hold_rest_back("nothing", "0", ports=Post().ports) is Turn.NOW


def test_two_that_begin_at_once_do_not_both_take_the_last_place() -> None:
    post = Post(size=10)
    get = post.waves.get

    def outrun(slug: str) -> FirstWave:
        wave = get(slug)
        post.waves.get = get  # type: ignore[method-assign]
        assert post.turn(1) is Turn.NOW
        return wave

    post.waves.get = outrun  # type: ignore[method-assign]

    assert post.turn(0) is Turn.LATER
    assert post.waves.get(SLUG).batch_names == {"1"}


@pytest.mark.parametrize("kind", ["memory", "dynamodb"])
def test_a_wave_is_a_set_that_grows_by_one_and_is_judged_once(kind: str, request: pytest.FixtureRequest) -> None:
    waves: MemoryFirstWaves | DynamoFirstWave
    note: Callable[[int], object]
    if kind == "memory":
        memory = MemoryFirstWaves()
        waves, note = memory, lambda number: setattr(memory, "seen", number)
    else:
        client = request.getfixturevalue("dynamodb")
        waves = DynamoFirstWave(client, "SendsTable")
        evidence = DynamoEvidence(client, "SendsTable")
        note = lambda number: evidence.tally(SLUG, None, {FeedbackKind.SENT: number})  # noqa: E731

    empty = waves.get(SLUG)
    assert empty == FirstWave()
    assert waves.reported(SLUG) == 0
    assert waves.admit(SLUG, "00", beside=empty)
    assert not waves.admit(SLUG, "01", beside=empty)
    assert waves.admit(SLUG, "01", beside=waves.get(SLUG))
    assert waves.get(SLUG) == FirstWave(frozenset({"00", "01"}))
    note(7)
    waves.note_judged(SLUG, now=NOW)
    waves.note_judged(SLUG, now=NOW + timedelta(hours=1))

    assert waves.reported(SLUG) == 7
    assert waves.get(SLUG) == FirstWave(frozenset({"00", "01"}), NOW)
    assert waves.get("another") == FirstWave()


def test_a_wave_that_others_change_all_the_time_is_asked_about_again() -> None:
    post = Post()
    post.waves.admit = lambda slug, after, *, beside: False  # type: ignore[method-assign]  # noqa: ARG005

    with pytest.raises(StoreBusyError):
        post.turn(0)


def test_a_forecast_counts_the_wait_for_the_first_wave() -> None:
    expected = forecast(100, Allowance(per_second=14, per_day=-1, left_today=-1))
    send = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW)
    plain, waiting = send.foreseen(expected), replace(send).foreseen(expected, waits=WAIT)

    assert plain is not None
    assert waiting is not None
    assert plain.expected_end is not None
    assert waiting.expected_end == plain.expected_end + WAIT
