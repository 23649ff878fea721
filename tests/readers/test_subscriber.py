"""Consent: the only ways it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.text import LONGEST_NAME
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import (
    UNDO_WITHIN,
    Mailbox,
    Status,
    Subscriber,
    clean_name,
    confirm,
    leave,
    sign_up,
    sign_up_number,
    subscriber_id,
    undo_leaving,
    wants_confirmation,
)
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber

MINUTE = timedelta(minutes=1)


def signed_up(known: Subscriber | None = None, now: datetime = NOW, email: str = "ada@example.org") -> Subscriber:
    consent = Consent(asked_at=now, page="/")
    return sign_up(known, subscriber_id=an_id(1), email=email, name="Ada", lang="", consent=consent)


def test_a_sign_up_confirms_nobody() -> None:
    assert signed_up().status is Status.UNCONFIRMED
    assert not signed_up().in_audience


def test_a_second_sign_up_changes_nothing_of_a_confirmed_subscriber() -> None:
    ada = subscriber(name="Ada")

    assert signed_up(ada, email="x@example.org") is ada


def test_whoever_left_comes_back_only_by_confirming_again() -> None:
    left = leave(subscriber(), now=NOW)
    back = signed_up(left)

    assert back.status is Status.UNCONFIRMED
    confirmed = confirm(back, sign_up_number(back, 0), link_made_at=NOW + MINUTE, consent=None, now=NOW + MINUTE)
    assert confirmed is not None
    assert confirmed.in_audience


def test_a_link_from_before_the_leaving_confirms_nobody_even_after_a_new_sign_up() -> None:
    left = leave(subscriber(), now=NOW)
    back = signed_up(left)

    assert confirm(back, sign_up_number(back, 0), link_made_at=NOW - MINUTE, consent=None, now=NOW + MINUTE) is None
    assert confirm(left, sign_up_number(left, 0), link_made_at=NOW - MINUTE, consent=None, now=NOW + MINUTE) is None


def test_leaving_twice_is_leaving_once() -> None:
    left = leave(subscriber(), now=NOW)

    assert leave(left, now=NOW + MINUTE) is left


def test_one_confirmation_mail_in_ten_minutes() -> None:
    ada = replace(signed_up(), confirmation_sent_at=NOW)

    assert wants_confirmation(signed_up(), now=NOW)
    assert not wants_confirmation(ada, now=NOW + 9 * MINUTE)
    assert wants_confirmation(ada, now=NOW + 10 * MINUTE)
    assert not wants_confirmation(subscriber(), now=NOW)


def test_one_subscriber_per_mailbox_whatever_the_case_of_the_address() -> None:
    assert subscriber_id(Mailbox("Ada@example.org", "ada@example.org"), "key") == subscriber_id(
        Mailbox("ada@example.org", "ada@example.org"), "key"
    )


def test_ids_of_two_deployments_have_nothing_in_common() -> None:
    mailbox = Mailbox("ada@example.org", "ada@example.org")

    assert subscriber_id(mailbox, "one key") != subscriber_id(mailbox, "another key")


@pytest.mark.parametrize("name", ["Dr. J. Smith", "Zoë", "李雷", "Ana María de la O", "J.R.R. Tolkien"])
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("name", ["Buy at https://x.example", "www.pills.example", "a@b.example", "pills.example/now"])
def test_a_name_never_carries_a_link_into_a_mail(name: str) -> None:
    assert clean_name(name) == ""


@given(st.text())
def test_a_name_is_one_short_line(text: str) -> None:
    name = clean_name(text)

    assert len(name) <= LONGEST_NAME
    assert "\n" not in name
    assert "\r" not in name


events = st.lists(st.sampled_from(["sign_up", "confirm_fresh", "confirm_old", "leave", "undo", "hours"]), max_size=30)


@given(events)
def test_nobody_is_mailable_who_did_not_consent_after_their_last_leaving(story: list[str]) -> None:
    """Undo is a consent too: a press of a button by the holder of the link, within the hour, after a confirmation."""
    known: Subscriber | None = None
    now, oldest_link = NOW, NOW
    consented, confirmed_once = False, False
    for event in story:
        now += timedelta(hours=2) if event == "hours" else MINUTE
        if event == "sign_up":
            known = signed_up(known, now)
        elif known and event == "leave":
            known, consented = leave(known, now=now), False
        elif known and event == "undo":
            back = undo_leaving(known, now=now)
            assert (
                back is None
                or back is known
                or (confirmed_once and known.left_at and now - known.left_at <= UNDO_WITHIN)
            )
            consented = consented or (back is not None and back is not known)
            known = back or known
        elif known and event.startswith("confirm"):
            made_at = now if event == "confirm_fresh" else oldest_link
            after = confirm(known, sign_up_number(known, 0), link_made_at=made_at, consent=None, now=now)
            if after is not None and known.status is Status.UNCONFIRMED:
                consented = confirmed_once = True
            known = after or known
        assert known is None or not known.in_audience or consented
