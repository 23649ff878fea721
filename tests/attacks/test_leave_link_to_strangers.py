"""A link to leave used to be mailed to whoever was on record, also to people who never confirmed.

Fails on b35c33a.
"""

from __future__ import annotations

from tests.attacks.website import Website

VICTIM = "victim@think-tank.example"


def test_a_stranger_who_never_confirmed_gets_no_link_to_leave_however_often_it_is_asked_for() -> None:
    website = Website()
    website.post(VICTIM)
    website.hours_pass(1)
    for number in range(9):
        website.ask_to_leave(VICTIM, f"198.51.100.{number}")

    website.hours_pass(24)

    assert website.mails_to(VICTIM) == ["confirmation"]


def test_a_reader_gets_it_three_times_a_day_at_most() -> None:
    website = Website()
    website.has_reader(VICTIM)
    for number in range(9):
        website.ask_to_leave(VICTIM, f"198.51.100.{number}")

    website.hours_pass(24)

    assert website.mails_to(VICTIM) == ["leave_link"] * 3
