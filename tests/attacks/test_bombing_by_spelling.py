"""One mailbox in seventeen spellings used to get seventeen mails: each spelling was counted for itself.

Fails on a013654.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.readers.jobs.remind import remind
from tests.attacks.website import Website
from tests.factories import LINKS

TAGGED = [f"victim+{number}@think-tank.example" for number in range(17)]
DOTTED = [f"{'.'.join('victim'[:cut])}{'victim'[cut:]}@gmail.com" for cut in range(2, 7)] + [
    f"victim+{number}@googlemail.com" for number in range(12)
]
FASTMAIL = [f"{number}@victim.fastmail.com" for number in range(17)]


@pytest.mark.parametrize("spellings", [TAGGED, DOTTED, FASTMAIL], ids=["plus", "gmail", "fastmail"])
def test_one_mailbox_gets_three_mails_a_day_in_all_spellings_together(spellings: list[str]) -> None:
    website = Website()
    for number, email in enumerate(spellings):
        website.post(email, f"198.51.100.{number}")

    website.hours_pass(24)

    assert len(website.mails_to(*spellings)) == 3


def test_reminders_count_too() -> None:
    website = Website()
    for number, email in enumerate(TAGGED):
        website.post(email, f"198.51.100.{number}")
    website.hours_pass(72.5)
    before = len(website.mailer.outbox)

    remind(
        ports=website.greet_ports,
        waiting=website.subscribers,
        links=LINKS,
        reminder_after=timedelta(days=3),
        unconfirmed_days=30,
        policy=website.policy,
        now=website.queue.now,
    )

    assert len(website.mailer.outbox) - before <= 3


def test_somebody_else_in_the_same_house_gets_theirs() -> None:
    website = Website()
    for number, email in enumerate(TAGGED):
        website.post(email, f"198.51.100.{number}")
    website.post("ada@think-tank.example")

    website.hours_pass(1)

    assert website.mails_to("ada@think-tank.example") == ["confirmation"]
