"""Addresses: one subscriber per mailbox, and nothing that SES would refuse."""

from __future__ import annotations

import pytest

from newsletter.errors import InvalidEmailError
from newsletter.readers.adapters.email_addresses import EmailAddresses

ADDRESSES = EmailAddresses("key of the tests")


def test_case_does_not_make_another_subscriber_but_stays_in_the_address() -> None:
    written = ADDRESSES.mailbox("  Ada.Lovelace@Example.ORG ")

    assert written.email == "Ada.Lovelace@example.org"
    assert ADDRESSES.subscriber_id(written) == ADDRESSES.subscriber_id(ADDRESSES.mailbox("ada.lovelace@example.org"))


def test_a_plus_makes_another_subscriber() -> None:
    plain, plus = ADDRESSES.mailbox("ada@example.org"), ADDRESSES.mailbox("ada+news@example.org")

    assert ADDRESSES.subscriber_id(plain) != ADDRESSES.subscriber_id(plus)


def test_a_domain_in_another_script_is_written_as_ses_takes_it() -> None:
    assert ADDRESSES.mailbox("ada@bücher.example").email == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@example.org", "ada@example", "ada@example..org", "ada@exa mple.org", "a@b@example.org",
     "ada@example.org\r\nBcc: eve@example.org", "zoë@example.org", "ada@localhost", f"{'a' * 250}@example.org"],
)  # fmt: skip
def test_what_is_no_address_we_can_write_to_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidEmailError) as refused:
        ADDRESSES.mailbox(text)
    assert text == "" or text not in str(refused.value)
