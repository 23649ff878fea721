"""Slips in the domain of an address: found where they are likely, and nowhere else."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.adapters.disposable_domains import ListedDomains
from newsletter.readers.near_miss import OTHERS, POPULAR, near_miss, suggested_address


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ada@gmial.com", "ada@gmail.com"),
        ("ada@gmai.com", "ada@gmail.com"),
        ("ada@gmaill.com", "ada@gmail.com"),
        ("ada@gnail.com", "ada@gmail.com"),
        ("Ada@GMAIL.CON", "Ada@gmail.com"),
        ("ada@yahoo.co", "ada@yahoo.com"),
        (" ada@hotmial.co.uk ", "ada@hotmail.co.uk"),
        ("a@b@outlok.com", "a@b@outlook.com"),
    ],
)
def test_one_letter_too_few_too_many_wrong_or_swapped_is_a_slip(typed: str, meant: str) -> None:
    assert suggested_address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "@gmial.com", "ada@example.org", "ada@gmx.de", "ada@mail.com", "ada@email.com", "ada@gmailx.org",
     f"{'a' * 250}@gmial.com"],
)  # fmt: skip
def test_what_may_be_right_gets_no_suggestion(typed: str) -> None:
    assert suggested_address(typed) == ""


@pytest.mark.parametrize("domain", [*POPULAR, *sorted(OTHERS)])
def test_a_domain_that_there_is_is_no_slip_of_another(domain: str) -> None:
    assert near_miss(domain) == ""


@given(st.sampled_from(POPULAR), st.data())
def test_every_wrong_letter_is_found(domain: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(domain) - 1))
    typed = domain[:at] + data.draw(st.sampled_from(string.ascii_lowercase)) + domain[at + 1 :]

    assert near_miss(typed) or typed in POPULAR or typed in OTHERS


def test_a_slip_is_not_taken_for_a_disposable_mailbox() -> None:
    from disposable_email_domains import blocklist

    assert "gmial.com" in blocklist, "or this says nothing"
    assert not ListedDomains().is_disposable("gmial.com")
    assert ListedDomains().is_disposable("mailinator.com")
