"""An email about which SES gave no clear answer leaves once: written again only if SES never reported it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.errors import SendOutcomeUnknownError, StoreBusyError
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.jobs.note_accepted import NOTED_FOR, note_accepted
from newsletter.readers.adapters.greet_queue import SqsGreetQueue, read_greeting
from newsletter.readers.domain.greeting import LONGEST_DELAY, Greeting, Occasion, accepted_counter
from newsletter.readers.domain.limits import Lane
from tests.attacks.website import Website
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import an_id

ADA = "ada@example.org"
HOUR = 1.0
LOOK = LONGEST_DELAY / 3600
GREETING = Greeting(Occasion.SIGN_UP, an_id(1), NOW)


def reported(cause: str, kind: FeedbackKind = FeedbackKind.SENT) -> FeedbackEvent:
    return FeedbackEvent(
        kind=kind, message_id="0102", happened_at=NOW, mailed_at=NOW, subscriber_id=an_id(1), mail="confirmation",
        cause=cause,
    )  # fmt: skip


@pytest.fixture
def website() -> Website:
    website = Website()
    website.mailer.failure = SendOutcomeUnknownError("SES gave no clear answer: ReadTimeoutError")
    website.post(ADA)
    website.hours_pass(0.01)
    website.mailer.failure = None
    return website


def test_what_ses_reports_to_have_taken_is_not_written_again(website: Website) -> None:
    (waiting,) = (greeting for _, _, greeting in website.queue.waiting)
    note_accepted([reported(waiting.cause_tag)], counters=website.counters)

    website.hours_pass(HOUR)

    assert website.mails_to(ADA) == []  # the one that SES took is not in this outbox
    assert not len(website.queue)


def test_what_ses_never_reports_is_written_again_once(website: Website) -> None:
    website.hours_pass(LOOK - 0.02)
    assert website.mails_to(ADA) == []

    website.hours_pass(HOUR)
    assert website.mails_to(ADA) == ["confirmation"]
    assert not len(website.queue)


def test_whoever_sends_the_form_again_meanwhile_gets_one_email(website: Website) -> None:
    website.post(ADA)
    website.hours_pass(HOUR)

    assert website.mails_to(ADA) == ["confirmation"]


def test_a_report_about_another_request_proves_nothing_about_this_one(website: Website) -> None:
    other = replace(GREETING, asked_at=NOW - timedelta(days=1))
    note_accepted([reported(other.cause_tag)], counters=website.counters)

    website.hours_pass(HOUR)
    assert website.mails_to(ADA) == ["confirmation"]


@pytest.mark.parametrize("kind", [FeedbackKind.SENT, FeedbackKind.DELIVERED, FeedbackKind.HARD_BOUNCE])
def test_any_report_about_an_email_proves_that_ses_took_it(kind: FeedbackKind) -> None:
    counters = MemoryCounters()
    for _ in range(2):
        assert not note_accepted([reported(GREETING.cause_tag, kind)], counters=counters)

    name = accepted_counter(GREETING.cause_tag)
    assert counters.count(name) > 0
    assert counters.expiries[name] == NOW + NOTED_FOR


@pytest.mark.parametrize("event", [reported(""), reported(GREETING.cause_tag, FeedbackKind.REJECTED)])
def test_other_reports_prove_nothing(event: FeedbackEvent) -> None:
    counters = MemoryCounters()
    note_accepted([event], counters=counters)

    assert not counters.counts


def test_a_report_that_cannot_be_noted_is_delivered_again() -> None:
    class Busy(MemoryCounters):
        def bump(self, key: str, **_: object) -> int:
            raise StoreBusyError("busy")

    event = reported(GREETING.cause_tag)
    assert note_accepted([event, reported("")], counters=Busy()) == {event}


def test_a_message_keeps_the_moment_of_the_doubt_and_one_of_an_older_version_has_none() -> None:
    class Kept:
        def put(self, messages: list[dict[str, str]], *, delay: int = 0) -> None:
            del delay
            (self.message,) = messages

    kept = Kept()
    doubted = replace(GREETING, doubted_at=NOW, lane=Lane.SLOW)
    SqsGreetQueue(kept).greet(doubted)  # type: ignore[arg-type]

    assert read_greeting(json.dumps(kept.message)) == doubted
    older = {name: value for name, value in kept.message.items() if name != "doubted_at"}
    assert read_greeting(json.dumps(older)).doubted_at is None
