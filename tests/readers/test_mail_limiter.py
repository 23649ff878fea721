"""Places of mails: no hour holds more than it may, in order, and nobody is shut out by another lane."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.domain.greeting import Letter
from newsletter.readers.domain.limits import HOUR, Lane, Policy
from newsletter.readers.mail_limiter import MailLimiter
from tests.core.fakes import NOW, MemoryCounters

POLICY = Policy(proof_of_work=True, per_network=40, per_hour=12)
ANYBODY = "ada@gmail.com"


def limiter(policy: Policy = POLICY) -> MailLimiter:
    return MailLimiter(MemoryCounters(), policy, "key")


def hour_of(place: datetime | None) -> int:
    assert place is not None
    return (place - NOW) // HOUR


@given(st.lists(st.tuples(st.sampled_from(Lane), st.integers(0, 900)), max_size=120))
def test_whoever_comes_no_hour_holds_more_than_it_may(asked: list[tuple[Lane, int]]) -> None:
    mails, now, hours = limiter(), NOW, Counter[tuple[int, Lane]]()
    for lane, seconds in asked:
        now += timedelta(seconds=seconds)
        place = mails.book(Letter.CONFIRMATION, ANYBODY, lane, now=now)
        assert place is not None
        assert place >= now
        hours[hour_of(place), lane] += 1

    for hour in {hour for hour, _ in hours}:
        assert hours[hour, Lane.SLOW] <= 3
        assert hours[hour, Lane.FAST] + hours[hour, Lane.SLOW] <= 12


def test_places_are_in_the_order_of_asking_and_spread_over_their_hour() -> None:
    mails = limiter()
    places = [mails.book(Letter.CONFIRMATION, ANYBODY, Lane.FAST, now=NOW) for _ in range(36)]

    assert places[:12] == [NOW] * 12
    later = [place for place in places[12:] if place]
    assert later == sorted(set(later))
    assert later[0] == NOW + HOUR
    assert later[12] == NOW + 2 * HOUR


def test_robots_in_the_slow_lane_leave_three_quarters_of_each_hour() -> None:
    mails = limiter()
    for _ in range(60):
        mails.book(Letter.CONFIRMATION, ANYBODY, Lane.SLOW, now=NOW)

    people = [mails.book(Letter.CONFIRMATION, ANYBODY, Lane.FAST, now=NOW) for _ in range(9)]
    assert people == [NOW] * 9


def test_a_link_to_leave_waits_for_no_sign_up() -> None:
    mails = limiter()
    for _ in range(200):
        mails.book(Letter.CONFIRMATION, ANYBODY, Lane.FAST, now=NOW)

    assert mails.book(Letter.LEAVE_LINK, ANYBODY, Lane.FAST, now=NOW) == NOW


def test_one_organisation_gets_so_many_an_hour_and_a_provider_has_no_such_limit() -> None:
    mails = limiter(Policy(proof_of_work=True, per_network=40, per_hour=1000))

    company = [mails.book(Letter.CONFIRMATION, f"{n}@think-tank.example", Lane.FAST, now=NOW) for n in range(60)]
    assert [hour_of(place) for place in company] == [0] * 50 + [1] * 10
    provider = [mails.book(Letter.CONFIRMATION, f"{n}@gmail.com", Lane.FAST, now=NOW) for n in range(60)]
    assert provider == [NOW] * 60


def test_what_one_organisation_has_no_room_for_takes_none_of_everybodys() -> None:
    mails = limiter()
    for number in range(11):
        mails.book(Letter.CONFIRMATION, f"{number}@think-tank.example", Lane.FAST, now=NOW)

    assert [mails.book(Letter.CONFIRMATION, ANYBODY, Lane.FAST, now=NOW) for _ in range(2)] == [NOW] * 2


def test_a_mailbox_has_three_places_a_day_and_a_cause_takes_one_however_often_it_is_tried() -> None:
    mails = limiter()

    assert [mails.may_mail("ada@example.org", "a", now=NOW) for _ in range(5)] == [True] * 5
    assert [mails.may_mail("ada+x@example.org", cause, now=NOW) for cause in "bcd"] == [True, True, False]
    assert mails.may_mail("ada@example.org", "a", now=NOW)
    assert mails.may_mail("ada@example.org", "d", now=NOW + timedelta(days=1))
