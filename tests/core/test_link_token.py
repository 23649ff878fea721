"""Tokens: one purpose, one person, nothing to read, nothing to forge."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.link_token import Purpose, SigningKeys, Token, is_for_move, read, read_either, sign
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from tests.core.fakes import NOW
from tests.factories import KEYS, an_id

WHO = an_id(7)
purposes = st.sampled_from(Purpose)


@given(purpose=purposes, number=st.integers(0, 2**100), sign_up=st.integers(0, 2**24 - 1))
def test_a_token_says_for_whom_and_when_it_was_made(purpose: Purpose, number: int, sign_up: int) -> None:
    new_id = an_id(7) if purpose is Purpose.MOVE else ""
    sign_up = sign_up if purpose is Purpose.CONFIRM else 0
    token = sign(purpose, an_id(number), KEYS, now=NOW, new_id=new_id, sign_up=sign_up)

    assert read(purpose, token, KEYS, now=NOW) == Token(an_id(number), NOW, purpose, new_id, sign_up)
    assert "=" not in token or purpose is Purpose.MOVE
    assert is_for_move(token) == (purpose is Purpose.MOVE)


@given(made_for=purposes, used_for=purposes)
def test_a_token_for_one_purpose_never_works_for_another(made_for: Purpose, used_for: Purpose) -> None:
    token = sign(made_for, WHO, KEYS, now=NOW, new_id=an_id(7) if made_for is Purpose.MOVE else "")

    if made_for is used_for:
        assert read(used_for, token, KEYS, now=NOW)
    else:
        with pytest.raises(InvalidTokenError):
            read(used_for, token, KEYS, now=NOW)


def test_a_link_of_the_first_sign_up_is_the_one_that_version_1_0_made() -> None:
    assert len(sign(Purpose.CONFIRM, WHO, KEYS, now=NOW)) == 48
    assert len(sign(Purpose.CONFIRM, WHO, KEYS, now=NOW, sign_up=1)) == 52


def test_a_page_for_two_kinds_of_links_tells_them_apart() -> None:
    both = (Purpose.ACCOUNT, Purpose.PREFERENCES)
    for purpose in both:
        assert read_either(both, sign(purpose, WHO, KEYS, now=NOW), KEYS, now=NOW).purpose is purpose
    with pytest.raises(InvalidTokenError):
        read_either(both, sign(Purpose.UNSUBSCRIBE, WHO, KEYS, now=NOW), KEYS, now=NOW)
    with pytest.raises(ExpiredTokenError):
        read_either(both, sign(Purpose.ACCOUNT, WHO, KEYS, now=NOW), KEYS, now=NOW + timedelta(minutes=61))


@given(position=st.integers(0, 47), letter=st.sampled_from("ABCxyz019-_"))
def test_a_changed_letter_makes_a_token_invalid(position: int, letter: str) -> None:
    token = sign(Purpose.UNSUBSCRIBE, WHO, KEYS, now=NOW)
    changed = token[:position] + letter + token[position + 1 :]

    if changed != token:
        with pytest.raises(InvalidTokenError):
            read(Purpose.UNSUBSCRIBE, changed, KEYS, now=NOW)


@given(st.text())
def test_no_text_is_a_token_by_chance_or_breaks_the_reader(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        read(Purpose.UNSUBSCRIBE, text, KEYS, now=NOW)


@pytest.mark.parametrize("length", [0, 1, 16, 47])
def test_a_truncated_token_is_invalid(length: int) -> None:
    token = sign(Purpose.UNSUBSCRIBE, WHO, KEYS, now=NOW)

    with pytest.raises(InvalidTokenError):
        read(Purpose.UNSUBSCRIBE, token[:length], KEYS, now=NOW)


def test_a_confirm_link_is_too_old_after_seven_days_and_says_what_to_do() -> None:
    token = sign(Purpose.CONFIRM, WHO, KEYS, now=NOW)

    assert read(Purpose.CONFIRM, token, KEYS, now=NOW + timedelta(days=7))
    with pytest.raises(ExpiredTokenError, match="sign up again"):
        read(Purpose.CONFIRM, token, KEYS, now=NOW + timedelta(days=7, seconds=1))


def test_an_unsubscribe_link_works_after_fifty_years_and_three_rotations_of_the_keys() -> None:
    token = sign(Purpose.UNSUBSCRIBE, WHO, SigningKeys("first"), now=NOW)
    rotated = SigningKeys("fourth", "third", ("second", "first"))

    assert read(Purpose.UNSUBSCRIBE, token, rotated, now=NOW + timedelta(days=365 * 50)).subscriber_id == WHO


def test_two_keys_are_live_during_a_rotation() -> None:
    token = sign(Purpose.CONFIRM, WHO, SigningKeys("old"), now=NOW)

    assert read(Purpose.CONFIRM, token, SigningKeys("new", "old"), now=NOW).subscriber_id == WHO


def test_a_retired_key_confirms_nobody() -> None:
    token = sign(Purpose.CONFIRM, WHO, SigningKeys("first"), now=NOW)

    with pytest.raises(InvalidTokenError):
        read(Purpose.CONFIRM, token, SigningKeys("third", "second", ("first",)), now=NOW)


def test_an_empty_previous_key_signs_nothing() -> None:
    token = sign(Purpose.CONFIRM, WHO, SigningKeys(""), now=NOW)

    with pytest.raises(InvalidTokenError):
        read(Purpose.CONFIRM, token, SigningKeys("current", ""), now=NOW)


@pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
def test_the_hash_in_a_token_is_hmac_whatever_the_length_of_the_key(length: int) -> None:
    key = "k" * length
    raw = base64.urlsafe_b64decode(sign(Purpose.UNSUBSCRIBE, WHO, SigningKeys(key), now=NOW))

    assert raw[-16:] == hmac.digest(key.encode(), b"unsubscribe\0" + raw[:-16], "sha256")[:16]
