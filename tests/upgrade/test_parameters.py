"""What docs/upgrade.md says of parameters that are changed in mid-send, where it is a law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.domain.choice import SlotVerdict
from newsletter.calendar.jobs.choose_issue import choose_issue
from newsletter.core.link_token import Purpose, SigningKeys, read
from newsletter.core.links import Links
from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import SendState
from newsletter.sending.jobs.open_send import Opening, open_send
from tests.calendar.fakes import MemorySlots
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record
from tests.issues.fakes import MemoryIssues
from tests.sending.fakes import MemoryQueues, MemorySends

DAY = date(2026, 12, 1)
LONDON = Rhythm(anchor=DAY, time_zone=ZoneInfo("Europe/London"))
ZONES = ("Europe/London", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata")


def tick(rhythm: Rhythm, day: date = DAY, at: time = time(9)) -> datetime:
    """Return when the clock of this rhythm fires on a day."""
    return datetime.combine(day, at, rhythm.time_zone).astimezone(UTC)


@pytest.mark.parametrize("purpose", [Purpose.UNSUBSCRIBE, Purpose.PREFERENCES, Purpose.ACCOUNT, Purpose.CONFIRM])
def test_links_signed_under_an_old_address_work_under_a_new_one(purpose: Purpose) -> None:
    keys = SigningKeys("current")
    old = Links("https://d111.cloudfront.net", keys).to(purpose, an_id(1), now=NOW)
    new = Links("https://briefing.example.org", keys).to(purpose, an_id(1), now=NOW)

    assert urlsplit(old).path == urlsplit(new).path
    assert urlsplit(old).query == urlsplit(new).query
    (token,) = parse_qs(urlsplit(old).query)["token"]
    assert read(purpose, token, keys, now=NOW + timedelta(minutes=1)).subscriber_id == an_id(1)


@pytest.mark.parametrize(("before", "after"), [*permutations(ZONES, 2)])
def test_another_time_zone_in_mid_send_sends_nothing_again_and_nothing_more(before: str, after: str) -> None:
    issues = MemoryIssues(record(slug="first", date=date(2026, 11, 17)), record(slug="second"))
    sends, slots = MemorySends(), MemorySlots()

    def fire(rhythm: Rhythm, day: date = DAY) -> SlotVerdict:
        at = tick(rhythm, day)
        choice = choose_issue(
            at, rhythm=rhythm, late_after=timedelta(hours=6), issues=issues, slots=slots, needs_approval=False, now=at
        )
        if choice.record is not None:
            open_send(choice.record, opening=opening(issues, sends), now=at)
        return choice.verdict

    assert fire(Rhythm(anchor=DAY, time_zone=ZoneInfo(before))) is SlotVerdict.SEND
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        fire(Rhythm(anchor=DAY, time_zone=ZoneInfo(after)), day)

    assert list(sends.headers) == ["first"]


def opening(issues: MemoryIssues, sends: MemorySends, shards: int = 16) -> Opening:
    queues = MemoryQueues()
    return Opening(issues=issues, sends=sends, queues=queues, publish_queue=queues, needs_approval=False, shards=shards)


@pytest.mark.parametrize("hour", [0, 8, 10, 23])
def test_another_hour_of_the_same_day_gives_it_no_second_issue(hour: int) -> None:
    issues = MemoryIssues(record(slug="first", date=date(2026, 11, 17)), record(slug="second"))
    slots = MemorySlots()
    chosen = []
    for rhythm in (LONDON, replace(LONDON, hour=hour)):
        at = tick(rhythm, at=time(rhythm.hour))
        choice = choose_issue(
            at, rhythm=rhythm, late_after=timedelta(hours=6), issues=issues, slots=slots, needs_approval=False, now=at
        )
        assert choice.record is not None
        chosen.append(choice.record.slug)

    assert chosen == ["first", "first"]


@pytest.mark.parametrize(
    "changed",
    [Rhythm(anchor=DAY - timedelta(days=7), time_zone=LONDON.time_zone), Rhythm(DAY, LONDON.time_zone, period_weeks=1)],
    ids=["AnchorDate", "PeriodWeeks"],
)
def test_another_rhythm_leaves_an_open_send_as_it_is(changed: Rhythm) -> None:
    issues, sends, slots = MemoryIssues(record(), record(slug="second")), MemorySends(), MemorySlots()
    slots.take(DAY, SLUG)
    open_send(record(), opening=opening(issues, sends), now=NOW)

    for now in (tick(changed), tick(changed) + timedelta(minutes=5)):
        choice = choose_issue(
            now,
            rhythm=changed,
            late_after=timedelta(hours=6),
            issues=issues,
            slots=slots,
            needs_approval=False,
            now=now,
        )
        assert choice.record is None or choice.record.slug == SLUG

    assert sends.headers[SLUG].state is SendState.OPEN


def test_an_open_send_stays_cut_as_its_header_says() -> None:
    issues, sends = MemoryIssues(record()), MemorySends()
    open_send(record(), opening=opening(issues, sends), now=NOW)

    issues.set_status(SLUG, IssueStatus.READY)  # as a retry finds it that was cut off before the header stood
    open_send(record(), opening=opening(issues, sends, shards=64), now=NOW)

    assert sends.headers[SLUG].shards == 16
