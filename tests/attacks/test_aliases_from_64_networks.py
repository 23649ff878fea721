"""A thousand sign-ups of aliases of one mailbox, from 64 networks, with and without proofs.

Fails on a013654.
"""

from __future__ import annotations

import pytest

from tests.attacks.website import Website


@pytest.mark.parametrize("proved", [True, False], ids=["proved", "unproved"])
def test_a_thousand_aliases_from_64_networks_mail_three_times_and_shut_nobody_out(*, proved: bool) -> None:
    website = Website()
    aliases = [f"victim+{number}@think-tank.example" for number in range(1000)]
    for number, email in enumerate(aliases):
        website.post(email, f"198.51.100.{number % 64}", proved=proved)
    website.post("ada@example.org", proved=proved)

    website.hours_pass(1)

    assert len(website.mails_to(*aliases)) == 3
    assert website.mails_to("ada@example.org") == ["confirmation"]
