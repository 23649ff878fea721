"""Opens and clicks on their way into the store: what they cost, and that they count the same however they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.engagement import Engagement
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.domain.user_agent import Agent
from newsletter.feedback.jobs.record_engagement import record_engagement
from newsletter.issues.domain.site import hidden_link
from newsletter.sending.domain.batch import LARGEST_BATCH
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryEngagement

URL = "https://example.org/housing"
READERS = 10_000


def an_open(who: int, after: timedelta = timedelta(minutes=10), **changes: Any) -> FeedbackEvent:
    default = FeedbackEvent(
        kind=FeedbackKind.OPENED, message_id=str(who), happened_at=NOW + after, mailed_at=NOW,
        seconds=int(after.total_seconds()),
        subscriber_id=an_id(who), slug=SLUG, part=f"{who // LARGEST_BATCH:04x}", mail="issue",
    )  # fmt: skip
    return replace(default, **changes)


def a_click(who: int, after: timedelta = timedelta(minutes=12), url: str = URL) -> FeedbackEvent:
    return an_open(who, after, kind=FeedbackKind.CLICKED, link=url)


def received(events: list[FeedbackEvent]) -> tuple[Engagement, int]:
    store = MemoryEngagement()
    for first in range(0, len(events), 100):  # one reception is up to a hundred notifications
        assert record_engagement(events[first : first + 100], engagement=store, now=NOW) == set()
    found = store.read(SLUG)
    assert found is not None
    return found, store.writes


def stream() -> list[FeedbackEvent]:
    """Return what SES says about 10 000 mails: machines at once, then half of the readers, of whom some click."""
    proxied = [an_open(n, timedelta(seconds=20), agent=Agent.PRIVACY_PROXY) for n in range(0, READERS, 2)]
    scanned = [
        a_click(n, timedelta(seconds=30 + k), url)
        for n in range(0, READERS, 20)
        for k, url in enumerate((URL, f"{URL}/2", f"{URL}/3", hidden_link("https://news.example.org/issues/one/")))
    ]
    read = [an_open(n, timedelta(minutes=5 + n % 600)) for n in range(1, READERS, 2)]
    followed = [a_click(n, timedelta(minutes=7 + n % 600)) for n in range(1, READERS, 10)]
    return proxied + scanned + read + followed


def test_machines_and_people_are_told_apart_exactly_however_the_events_come(record_property: Any) -> None:
    events = stream()
    found, calm = received(events)
    shuffled = events + events[::5]
    Random(1).shuffle(shuffled)  # noqa: S311 - a shuffle that is the same every time
    again, stormy = received(shuffled)

    assert again == found
    assert (found.opens.raw, found.opens.machine, found.opens.people) == (READERS, READERS // 2, READERS // 2)
    assert (found.clicks.machine, found.clicks.people) == (4 * READERS // 20, READERS // 10)
    assert found.clicks.likely_human == READERS // 10
    record_property("writes_per_thousand_events_in_order", calm / len(events) * 1000)
    record_property("writes_per_thousand_events_shuffled", stormy / len(shuffled) * 1000)
    assert calm / len(events) * 1000 < 80  # machines come in the order of the mails: forty or so to a batch
    assert stormy <= len(shuffled)  # never more than one write for each event, as when people come one by one


def test_nobody_who_does_not_ask_is_told() -> None:
    assert record_engagement([an_open(1)], engagement=None, now=NOW) == set()


def test_what_cannot_be_recorded_now_is_delivered_again_and_keeps_no_other_send_back() -> None:
    class Busy(MemoryEngagement):
        def record(self, slug: str, *rest: Any, **named: Any) -> None:
            if slug == "busy":
                raise StoreBusyError("the database is busy")
            super().record(slug, *rest, **named)

    store = Busy()

    failed = record_engagement([an_open(1, slug="busy"), an_open(2)], engagement=store, now=NOW)

    assert failed == {an_open(1, slug="busy")}
    assert store.read(SLUG) is not None


def test_mail_that_is_no_issue_is_never_counted() -> None:
    store = MemoryEngagement()

    record_engagement([an_open(1, part="")], engagement=store, now=NOW)

    assert store.read(SLUG) is None
