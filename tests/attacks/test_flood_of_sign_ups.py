"""A flood from a thousand networks used to close sign-ups for an hour: real people got an answer, and never a mail.

Fails on a013654.
"""

from __future__ import annotations

from newsletter.readers.domain.limits import Policy
from tests.attacks.website import Website

SMALL = Policy(proof_of_work=True, per_network=40, per_hour=40)


def test_whoever_signs_up_behind_a_flood_gets_the_mail_in_one_of_the_next_hours_in_order() -> None:
    website = Website(SMALL)
    for number in range(100):
        website.post(f"robot{number}@gmail.com", f"198.51.100.{number}")
    for name in ("ada", "bob"):
        website.post(f"{name}@example.org")
        website.hours_pass(0.01)

    website.hours_pass(0.9)
    assert len(website.mailer.outbox) <= SMALL.per_hour
    website.hours_pass(2.1)

    order = [sent.to for sent in website.mailer.outbox if not sent.to.startswith("robot")]
    assert order == ["ada@example.org", "bob@example.org"]
    assert len(website.mailer.outbox) == 102
    assert not len(website.queue)


def test_a_flood_without_proofs_takes_a_quarter_of_the_hour() -> None:
    website = Website(SMALL)
    for number in range(100):
        website.post(f"robot{number}@gmail.com", f"198.51.100.{number}", proved=False)
    website.hours_pass(0.1)
    website.post("ada@example.org")
    website.hours_pass(0.01)

    assert website.mails_to("ada@example.org") == ["confirmation"]
    assert len(website.mailer.outbox) == SMALL.per_hour // 4 + 1


def test_when_a_day_is_full_the_form_says_so_and_forgets_nobody_before() -> None:
    website = Website(SMALL)
    for number in range(24 * 40):
        assert not website.post(f"robot{number}@gmail.com", f"198.51.{number // 250}.{number % 250}").refused
        website.hours_pass(0)

    refused = website.post("ada@example.org")
    assert refused.no_room
    assert website.subscribers.get(website.id_of("ada@example.org")) is None

    website.hours_pass(1)
    assert not website.post("ada@example.org").refused
    website.hours_pass(24)
    assert len(website.mailer.outbox) == 24 * 40 + 1
