"""Disposable mailboxes: what the list knows, and what it must never catch."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.adapters.disposable_domains import ListedDomains, NoDomains
from newsletter.readers.address_ports import DisposableDomains

LISTED = ListedDomains()


@pytest.mark.parametrize("domain", ["mailinator.com", "MAILINATOR.com", "yopmail.com.", "box.mailinator.com"])
def test_a_throwaway_domain_and_all_below_it_are_known(domain: str) -> None:
    assert LISTED.is_disposable(domain)


@pytest.mark.parametrize(
    "domain",
    [
        "example.org", "gmail.com", "outlook.com", "yahoo.co.uk", "icloud.com", "proton.me", "gmx.de", "web.de",
        "orange.fr", "laposte.net", "bbc.co.uk", "gov.uk", "nhs.net", "gov.wales", "cardiff.gov.uk", "europa.eu",
        "xn--bcher-kva.example", "mailinator.com.example", "com", "localhost", "",
    ],
)  # fmt: skip
def test_where_people_have_their_mail_is_not_caught(domain: str) -> None:
    assert not LISTED.is_disposable(domain)


@given(st.text())
def test_no_text_makes_it_fail(domain: str) -> None:
    LISTED.is_disposable(domain)


def test_a_policy_can_take_everybody() -> None:
    everybody: DisposableDomains = NoDomains()

    assert not everybody.is_disposable("mailinator.com")


def test_the_list_is_read_when_somebody_asks_and_not_before() -> None:
    """Ten thousand names would make every function start later."""
    check = (
        "import sys, newsletter.readers.adapters.disposable_domains; print('disposable_email_domains' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert answer.stdout == "False\n"
