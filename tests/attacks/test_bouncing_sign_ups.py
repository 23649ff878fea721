"""Sixteen bounces in 306 confirmations used to hold everybody's, until a person acted; the sign-ups died after a day.

Fails on a013654.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.core.editors import Editors
from newsletter.feedback.domain.breaker import Breaker
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.jobs.hold_confirmations import hold_confirmations
from newsletter.feedback.ports import HoldPorts
from newsletter.readers.domain.limits import Lane
from tests.attacks.website import POLICY, Website
from tests.core.fakes import TEAM, MemoryMailer, PlainMails
from tests.factories import an_id

BREAKER = Breaker(sample=100, bounces=50, complaints=1)
SENT, BOUNCED = FeedbackKind.SENT, FeedbackKind.HARD_BOUNCE


def ses_reports(website: Website, lane: Lane, *, sent: int, bounced: int) -> MemoryMailer:
    """Let SES report about so many confirmations that leave now, and return what the editors are mailed."""
    now, office = website.queue.now, MemoryMailer()
    events = [
        FeedbackEvent(
            kind=kind,
            message_id=f"{now}{number}",
            happened_at=now,
            mailed_at=now,
            subscriber_id=an_id(1),
            mail="confirmation",
            lane=lane,
        )  # fmt: skip
        for kind, most in ((SENT, sent), (BOUNCED, bounced))
        for number in range(most)
    ]
    ports = HoldPorts(website.holds, Editors(office, PlainMails(), TEAM))
    hold_confirmations(events, ports=ports, breaker=BREAKER, now=now)
    return office


def test_only_the_lane_that_bounces_is_held() -> None:
    website = Website()
    (told,) = ses_reports(website, Lane.SLOW, sent=306, bounced=16).outbox
    website.post("ada@example.org")
    website.post("bob@example.org", proved=False)
    website.hours_pass(0.5)

    assert "lane: slow" in told.mail.text
    assert website.mails_to("ada@example.org") == ["confirmation"]
    assert website.mails_to("bob@example.org") == []


@pytest.mark.parametrize("lane", Lane)
def test_a_hold_ends_by_itself_in_steps_and_loses_nobody(lane: Lane) -> None:
    website = Website()
    ses_reports(website, lane, sent=306, bounced=16)
    website.hours_pass(0.1)
    room = min(limit.most for limit in POLICY.of_mails(lane))
    people = [f"reader{number}@gmail.com" for number in range(2 * room)]
    for number, email in enumerate(people):
        website.post(email, f"198.51.{number // 250}.{number % 250}", proved=lane is Lane.FAST)

    website.hours_pass(0.85)  # to three minutes before the hour is over
    mailed = [len(website.mailer.outbox)]
    for _ in range(7):
        before = len(website.mailer.outbox)
        website.hours_pass(1)
        mailed.append(len(website.mailer.outbox) - before)

    assert mailed[0] == 0
    assert mailed[1] <= room // 10
    assert mailed[2] <= 2 * room // 10 + 1
    assert mailed[3] <= 4 * room // 10 + 1
    assert sum(mailed) == len(people)


def test_a_lane_that_bounces_again_in_a_step_is_held_again_and_the_editors_hear_of_it() -> None:
    website = Website()
    ses_reports(website, Lane.FAST, sent=306, bounced=16)
    website.hours_pass(2.5)
    assert website.holds[Lane.FAST].get().share(website.queue.now) == 0.2

    assert len(ses_reports(website, Lane.FAST, sent=100, bounced=6).outbox) == 1
    assert website.holds[Lane.FAST].get().share(website.queue.now) == 0
    assert website.holds[Lane.FAST].get().share(website.queue.now + timedelta(hours=5)) == 1


def test_what_waits_for_a_day_and_more_is_mailed_when_a_person_releases_it() -> None:
    website = Website()
    ses_reports(website, Lane.FAST, sent=306, bounced=16)
    website.post("ada@example.org")
    for _ in range(15):
        website.hours_pass(2)
        ses_reports(website, Lane.FAST, sent=100, bounced=6)
    before = website.mails_to("ada@example.org")

    website.holds[Lane.FAST].release(now=website.queue.now)
    website.hours_pass(1)

    assert before in ([], ["confirmation"])  # by one of the steps, at the earliest
    assert website.mails_to("ada@example.org") == ["confirmation"]
