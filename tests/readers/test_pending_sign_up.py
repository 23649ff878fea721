"""Sign-ups of one mailbox wait side by side: each link confirms its own, and none overwrites another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.pending_sign_up import DEAD_AFTER, MOST_PENDING
from newsletter.readers.domain.subscriber import (
    Status,
    Subscriber,
    confirm,
    leave,
    sign_up,
    sign_up_asked_at,
    sign_up_number,
)
from tests.core.fakes import NOW
from tests.factories import an_id

MINUTE = timedelta(minutes=1)
SEAL = "key of the seals"


def consent(now: datetime, page: str) -> Consent:
    return Consent(asked_at=now, page=page, words="Please send me the briefing").sealed(SEAL)


def signed_up(before: Subscriber | None, name: str, *, page: str = "/", now: datetime = NOW) -> Subscriber:
    return sign_up(
        before, subscriber_id=an_id(1), email="ada@example.org", name=name, lang="de", consent=consent(now, page)
    )


def test_a_second_sign_up_changes_nothing_of_the_first() -> None:
    first = signed_up(None, "Ada", page="/about")

    second = signed_up(first, "URGENT call 0800", page="/evil", now=NOW + MINUTE)

    assert sign_up_number(second, 0) == sign_up_number(first, 0)
    assert (second.name, second.source, second.consent) == (first.name, first.source, first.consent)
    assert [(each.number, each.name) for each in second.pending] == [(1, "URGENT call 0800")]


@pytest.mark.parametrize(("number", "name", "page"), [(0, "Ada", "/about"), (1, "Countess", "/other")])
def test_the_receipt_that_counts_is_the_one_whose_link_was_pressed(number: int, name: str, page: str) -> None:
    both = signed_up(signed_up(None, "Ada", page="/about"), "Countess", page="/other", now=NOW + MINUTE)
    asked = sign_up_number(both, number)
    assert asked is not None

    confirmed = confirm(both, asked, link_made_at=NOW + MINUTE, consent=asked.consent, now=NOW + 2 * MINUTE)

    assert confirmed is not None
    assert (confirmed.name, confirmed.source, confirmed.pending) == (name, page, ())
    assert confirmed.consent == asked.consent


def test_a_link_to_a_sign_up_that_is_not_held_confirms_nobody() -> None:
    record = signed_up(None, "Ada")

    assert confirm(record, sign_up_number(record, 1), link_made_at=NOW, consent=None, now=NOW) is None


def test_so_many_are_kept_and_whoever_finds_no_room_gets_a_link_to_the_first() -> None:
    record = signed_up(None, "Ada")
    for minute in range(1, MOST_PENDING + 3):
        record = signed_up(record, f"name {minute}", now=NOW + minute * MINUTE)

    assert [each.name for each in record.pending] == [f"name {minute}" for minute in range(1, MOST_PENDING + 1)]
    assert sign_up_asked_at(record, NOW + 2 * MINUTE).name == "name 2"
    assert sign_up_asked_at(record, NOW + (MOST_PENDING + 2) * MINUTE).name == "Ada"


def test_a_sign_up_whose_links_are_dead_makes_room() -> None:
    left_before = replace(signed_up(None, "Ada"), left_at=NOW - MINUTE)  # such a record does not expire
    later = NOW + DEAD_AFTER + MINUTE

    again = signed_up(signed_up(left_before, "Bea", now=NOW + MINUTE), "Cyd", now=later)
    assert [(each.number, each.name) for each in again.pending] == [(1, "Bea"), (2, "Cyd")]

    much_later = signed_up(again, "Dee", now=later + DEAD_AFTER + MINUTE)
    assert (much_later.name, much_later.pending) == ("Dee", ())


def test_leaving_takes_what_waits_along() -> None:
    both = signed_up(signed_up(None, "Ada"), "Bea", now=NOW + MINUTE)

    assert leave(both, now=NOW).pending == ()
    assert leave(both, now=NOW).status is Status.UNSUBSCRIBED
