"""Spellings of one mailbox: ours are never finer than those of the library that knows the providers' rules."""

from __future__ import annotations

import email_normalize
import pytest
from email_normalize.providers import DomainMap
from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.domain.mailbox_spelling import mailbox_of, own_domain_of

LOCALS = st.from_regex(r"[a-c]([.+-]?[a-c]){0,4}", fullmatch=True)
DOMAINS = st.sampled_from([*sorted(DomainMap), "example.org"])


def theirs(email: str) -> str:
    return str(email_normalize.normalize(email, skip_dns=True).normalized_address)


@given(LOCALS, LOCALS, DOMAINS, DOMAINS)
def test_what_the_library_takes_for_one_mailbox_is_one_for_us(one: str, other: str, here: str, there: str) -> None:
    if theirs(f"{one}@{here}") == theirs(f"{other}@{there}"):
        assert mailbox_of(f"{one}@{here}") == mailbox_of(f"{other}@{there}")


@given(LOCALS, DOMAINS)
def test_what_the_library_strips_we_strip(local: str, domain: str) -> None:
    assert mailbox_of(f"{local}@{domain}") == mailbox_of(theirs(f"{local}@{domain}"))


@pytest.mark.parametrize(
    "spellings",
    [
        "ada.lovelace@gmail.com AdaLovelace+news@googlemail.com a.d.a.lovelace@GMAIL.com",
        "ada@fastmail.com x@ada.fastmail.com y+z@ada.fastmail.com",
        "ada@me.com ada+1@icloud.com ada@mac.com",
        "ada.l@proton.me adal@pm.me ada_l+x@protonmail.com",
        "ada@think-tank.example ada+1@think-tank.example ADA+2@Think-Tank.Example",
    ],
)
def test_spellings_of_one_mailbox(spellings: str) -> None:
    assert len({mailbox_of(each) for each in spellings.split()}) == 1


@pytest.mark.parametrize(
    "people", ["ada@gmail.com bob@gmail.com", "ada@hotmail.com ada@outlook.com", "a.da@example.org ada@example.org"]
)
def test_two_people_are_two_mailboxes(people: str) -> None:
    one, other = people.split()

    assert mailbox_of(one) != mailbox_of(other)


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_address_makes_it_fail(local: str, domain: str) -> None:
    assert mailbox_of(f"{local}@{domain}").count("@") >= 1


@pytest.mark.parametrize("tags_alone", ["+@example.org", "+news@example.org", "...@gmail.com"])
def test_a_name_that_is_nothing_but_a_tag_stays_one(tags_alone: str) -> None:
    assert mailbox_of(tags_alone) == tags_alone


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ada@think-tank.example", "think-tank.example"),
        ("ada@gmail.com", ""),
        ("ada@web.de", ""),
        ("x@ada.fastmail.fm", ""),
    ],
)
def test_a_domain_is_one_owners_unless_it_is_a_providers(email: str, domain: str) -> None:
    assert own_domain_of(email) == domain
