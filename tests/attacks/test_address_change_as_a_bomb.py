"""Three readers could have a stranger's mailbox mailed nine times a day, by asking to move there.

The mails were limited for those who asked, and nobody counted where they went. Fails on a013654.
"""

from __future__ import annotations

from tests.attacks.website import Website

VICTIM = [f"victim+{number}@think-tank.example" for number in range(9)]


def test_nine_changes_of_address_from_three_accounts_mail_the_target_three_times() -> None:
    website = Website()
    readers = [website.has_reader(f"mallory{number}@example.org") for number in range(3)]
    for number, email in enumerate(VICTIM):
        website.change_address(readers[number % 3], email, f"198.51.100.{number}")
        website.hours_pass(0.5)

    assert website.mails_to(*VICTIM) == ["address_change_confirm"] * 3


def test_all_roads_to_one_mailbox_count_together() -> None:
    website = Website()
    mallory = website.has_reader("mallory@example.org")
    website.change_address(mallory, VICTIM[0])
    for number, email in enumerate(VICTIM[1:]):
        website.post(email, f"198.51.100.{number}")
        website.ask_to_leave(email, f"198.51.100.{number}")

    website.hours_pass(24)

    assert len(website.mails_to(*VICTIM)) == 3
