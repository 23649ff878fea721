"""The circuit breaker: judged by enough mails, held once, and judged afresh after somebody let it go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.feedback.domain.breaker import Breaker
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason
from newsletter.feedback.jobs.break_circuit import break_circuit
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy, Send, SendState
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryEvidence
from tests.sending.fakes import MemoryQueues, MemorySends

SENT, BOUNCED, SPAM = FeedbackKind.SENT, FeedbackKind.HARD_BOUNCE, FeedbackKind.COMPLAINT
BREAKER = Breaker(sample=500, bounces=50, complaints=1)
LATER = NOW + timedelta(hours=1)


def news(kind: FeedbackKind, number: int, reason: Reason = Reason.GENERAL) -> list[FeedbackEvent]:
    one = FeedbackEvent(
        kind=kind, message_id="m", happened_at=NOW, mailed_at=NOW, slug=SLUG, part="00", mail="issue", reason=reason
    )
    return [replace(one, message_id=f"m-{each}", subscriber_id=an_id(each)) for each in range(number)]


class Watch:
    def __init__(self) -> None:
        self.sends, self.queues = MemorySends(), MemoryQueues()
        self.evidence = MemoryEvidence()
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))

    def hear(self, *events: FeedbackEvent) -> list[str]:
        return break_circuit(
            events, sends=self.sends, evidence=self.evidence, queues=self.queues, breaker=BREAKER, now=NOW
        )

    @property
    def send(self) -> Send:
        send = self.sends.get(SLUG)
        assert send is not None
        return send


@pytest.mark.parametrize(
    ("mailed", "bounced", "complained", "held"),
    [
        (499, 400, 400, False),
        (500, 25, 0, False),
        (500, 26, 0, True),
        (500, 0, 1, False),
        (500, 0, 2, True),
        (2000, 0, 2, False),
        (2001, 0, 3, True),
        (10_000, 500, 10, False),
    ],
)
def test_a_send_is_held_past_the_minimum_sample_and_a_threshold(
    mailed: int, bounced: int, complained: int, held: bool
) -> None:
    watch = Watch()

    watch.hear(*news(SENT, mailed), *news(BOUNCED, bounced), *news(SPAM, complained))

    assert (watch.send.state is SendState.PAUSED) == held
    assert watch.queues.settles == ([(SLUG, 0)] if held else [])


def test_the_evidence_and_the_way_on_are_said() -> None:
    watch = Watch()

    assert watch.hear(*news(SENT, 500), *news(BOUNCED, 40), *news(SPAM, 2)) == [SLUG]

    because = watch.send.paused_because
    assert watch.send.paused_by is PausedBy.BREAKER
    assert "40 of 500 emails bounced permanently (8.0%; the limit is 5.0%)" in because
    assert "2 of 500 emails were marked as spam (0.4%; the limit is 0.1%)" in because
    assert f"`newsletter send resume {SLUG}`" in because
    assert f"`newsletter send cancel {SLUG} --because " in because


def test_what_ses_stopped_by_itself_does_not_count_against_a_send() -> None:
    watch = Watch()

    watch.hear(*news(SENT, 500), *news(BOUNCED, 100, Reason.ON_OUR_LIST), *news(SPAM, 100, Reason.ON_OUR_LIST))

    assert watch.send.state is SendState.OPEN


def test_a_send_is_held_once() -> None:
    watch = Watch()
    watch.hear(*news(SENT, 500), *news(BOUNCED, 40))

    assert watch.hear(*news(BOUNCED, 1)) == []
    assert len(watch.queues.settles) == 1


def test_after_somebody_let_it_go_on_only_newer_mails_are_judged() -> None:
    watch = Watch()
    watch.hear(*news(SENT, 500), *news(BOUNCED, 40))
    assert watch.sends.resume(SLUG, now=LATER)

    assert watch.hear(*news(BOUNCED, 400)) == []  # late word of mails from before
    newer = [replace(each, mailed_at=LATER) for each in (*news(SENT, 499), *news(BOUNCED, 40))]
    assert watch.hear(*newer) == []
    assert watch.hear(replace(news(SENT, 1)[0], mailed_at=LATER)) == [SLUG]


def test_a_pause_for_the_quota_does_not_begin_a_fresh_sample() -> None:
    watch = Watch()
    watch.hear(*news(SENT, 499), *news(BOUNCED, 40))
    watch.sends.pause(SLUG, "quota", by=PausedBy.QUOTA, now=NOW)
    watch.sends.resume(SLUG, now=LATER, paused_by=PausedBy.QUOTA)

    assert watch.hear(*news(SENT, 1)) == [SLUG]


def test_mail_to_one_person_and_unknown_sends_are_not_judged_here() -> None:
    watch = Watch()
    elsewhere = [replace(each, slug="") for each in (*news(SENT, 500), *news(BOUNCED, 500))]
    unknown = [replace(each, slug="another") for each in (*news(SENT, 500), *news(BOUNCED, 500))]

    assert watch.hear(*elsewhere, *unknown) == []


def test_bounces_that_are_reported_before_the_mails_they_are_among_hold_nothing() -> None:
    """Two of a hundred bounce, and so far the news of the others is under way."""
    watch = Watch()
    ids = tuple(an_id(number) for number in range(1000))
    for after in range(30):
        watch.sends.add_batch(replace(Batch.of(SLUG, f"{after:02}", ids, now=NOW), outcomes=(Outcome.SENT,) * 1000))

    assert watch.hear(*news(SENT, 600), *news(BOUNCED, 600)) == []
    assert watch.hear(*news(BOUNCED, 900)) == []
    assert watch.hear(*news(BOUNCED, 1)) == [SLUG]
    assert "1501 of 30000 emails bounced permanently" in watch.send.paused_because


def test_the_books_of_a_send_that_is_held_are_not_counted_again() -> None:
    watch = Watch()
    watch.hear(*news(SENT, 500), *news(BOUNCED, 40))
    read: list[str] = []
    watch.sends.batches = lambda slug, *_: read.append(slug) or iter(())  # type: ignore[method-assign, func-returns-value]

    watch.hear(*news(BOUNCED, 1))

    assert read == []


def test_mails_from_before_somebody_let_it_go_on_are_not_counted_from_the_books() -> None:
    watch = Watch()
    old = Batch.of(SLUG, "00", tuple(an_id(number) for number in range(1000)), now=NOW)
    watch.sends.add_batch(replace(old, outcomes=(Outcome.SENT,) * 1000))
    watch.sends.pause(SLUG, "hold", by=PausedBy.BREAKER, now=NOW)
    watch.sends.resume(SLUG, now=LATER)

    newer = [replace(each, mailed_at=LATER) for each in (*news(SENT, 500), *news(BOUNCED, 40))]
    assert watch.hear(*newer) == [SLUG]
