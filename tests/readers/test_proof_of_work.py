"""Proof of work: ALTCHA's protocol, checked against the official library, and against whoever would rather not work."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from altcha import v1 as official
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import ExpiredProofError, InvalidProofError
from newsletter.readers.domain.proof_of_work import (
    LARGEST_NUMBER,
    LIFETIME,
    LONGEST_PAYLOAD,
    RANDOM_BYTES,
    SALT_BYTES,
    Challenge,
    challenge,
    proof_key,
    solve,
    verify,
)
from tests.core.fakes import NOW

KEY = proof_key("key of the addresses")
RANDOM = bytes(range(SALT_BYTES)) + (1234).to_bytes(RANDOM_BYTES - SALT_BYTES, "big")
GIVEN = challenge(KEY, random=RANDOM, now=NOW)
SOLVED = solve(GIVEN)


def altered(**changes: Any) -> str:
    """Return the solution with other fields; None takes one away."""
    fields = {**json.loads(base64.b64decode(SOLVED)), **changes}
    return packed({name: value for name, value in fields.items() if value is not None})


def packed(content: Any) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def test_a_solution_is_accepted_and_names_its_challenge() -> None:
    assert verify(SOLVED, KEY, now=NOW) == GIVEN.challenge


def test_a_solution_is_accepted_until_its_time_is_over() -> None:
    assert verify(SOLVED, KEY, now=NOW + LIFETIME)

    with pytest.raises(ExpiredProofError):
        verify(SOLVED, KEY, now=NOW + LIFETIME + timedelta(seconds=1))


def test_a_challenge_has_the_fields_of_the_protocol() -> None:
    assert list(GIVEN.as_json()) == ["algorithm", "challenge", "maxnumber", "salt", "signature"]
    assert GIVEN.as_json()["maxnumber"] == LARGEST_NUMBER


def test_a_challenge_does_not_say_its_number() -> None:
    assert "1234" not in json.dumps(GIVEN.as_json())


@settings(max_examples=10)
@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_every_challenge_can_be_solved(random: bytes) -> None:
    given_challenge = challenge(KEY, random=random, now=NOW)

    assert verify(solve(given_challenge), KEY, now=NOW) == given_challenge.challenge


def test_too_little_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="20 random bytes"):
        challenge(KEY, random=b"four", now=NOW)


def test_the_official_library_solves_our_challenge_and_we_accept_it() -> None:
    solution = official.solve_challenge(GIVEN.challenge, GIVEN.salt, "SHA-256", LARGEST_NUMBER, 0)

    assert solution is not None
    assert solution.number == 1234
    theirs = official.Payload("SHA-256", GIVEN.challenge, solution.number, GIVEN.salt, GIVEN.signature).to_base64()
    assert verify(theirs, KEY, now=NOW) == GIVEN.challenge


def test_the_official_library_accepts_our_solution() -> None:
    now = datetime.now(UTC)  # it reads the clock itself
    assert official.verify_solution(solve(challenge(KEY, random=RANDOM, now=now)), KEY) == (True, None)


def test_the_official_library_makes_the_same_challenge() -> None:
    theirs = official.create_challenge(
        official.ChallengeOptions(
            max_number=LARGEST_NUMBER, hmac_key=KEY, salt=RANDOM[:SALT_BYTES].hex(), number=1234, expires=NOW + LIFETIME
        )
    )

    assert (theirs.challenge, theirs.salt, theirs.signature) == (GIVEN.challenge, GIVEN.salt, GIVEN.signature)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("", id="empty"),
        pytest.param("not base64!", id="not base64"),
        pytest.param("e30", id="base64 cut short"),
        pytest.param(packed([]), id="a list"),
        pytest.param(packed("text"), id="a text"),
        pytest.param(packed(None), id="null"),
        pytest.param(packed({}), id="an empty object"),
        pytest.param(base64.b64encode(b"\xff\xfe").decode(), id="not UTF-8"),
        pytest.param(base64.b64encode(b"[" * 700).decode(), id="nested deeply"),
        pytest.param("A" * (LONGEST_PAYLOAD + 4), id="too long"),
        pytest.param(altered(number="1234"), id="the number as text"),
        pytest.param(altered(number=1234.0), id="the number as a fraction"),
        pytest.param(altered(number=True), id="the number as a truth"),
        pytest.param(altered(number=-1), id="a negative number"),
        pytest.param(altered(number=LARGEST_NUMBER + 1), id="a number that is too large"),
        pytest.param(altered(number=10**400), id="a number without end"),
        pytest.param(altered(number=1233), id="another number"),
        pytest.param(altered(number=None), id="no number"),
        pytest.param(altered(salt=None), id="no salt"),
        pytest.param(altered(salt=["a"]), id="salt as a list"),
        pytest.param(altered(salt="\ud800"), id="half a character"),
        pytest.param(altered(signature=GIVEN.signature.upper()), id="the signature in capitals"),
        pytest.param(altered(signature=""), id="no signature"),
        pytest.param(altered(algorithm="SHA-1"), id="another algorithm"),
        pytest.param(altered(salt=GIVEN.salt.rstrip("&")), id="salt without its end"),
        pytest.param(altered(salt=GIVEN.salt.replace("&", "&expires=99999999999&")), id="expires twice"),
    ],
)
def test_what_is_no_solution_is_refused(payload: str) -> None:
    with pytest.raises(InvalidProofError):
        verify(payload, KEY, now=NOW)


def test_digits_of_the_number_cannot_be_moved_into_the_time() -> None:
    """Without the ampersand this would be the same text, signed by us, and never too old."""
    spliced = altered(salt=f"{GIVEN.salt}12", number=34)

    with pytest.raises(InvalidProofError):
        verify(spliced, KEY, now=NOW)


def test_a_challenge_that_somebody_made_for_themselves_is_refused() -> None:
    own = challenge(proof_key("another key"), random=RANDOM, now=NOW)

    with pytest.raises(InvalidProofError):
        verify(solve(own), KEY, now=NOW)


def test_the_key_of_addresses_signs_no_challenge() -> None:
    assert proof_key("key of the addresses") != "key of the addresses"


def test_a_challenge_without_solution_is_no_endless_loop() -> None:
    with pytest.raises(InvalidProofError):
        solve(replace(GIVEN, challenge="0" * 64, maxnumber=100))


@given(st.text(max_size=LONGEST_PAYLOAD + 10))
def test_no_text_makes_it_fail_in_another_way(payload: str) -> None:
    with pytest.raises(InvalidProofError):
        verify(payload, KEY, now=NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(["algorithm", "challenge", "number", "salt", "signature"]), JSON)
def test_no_value_of_a_field_makes_it_fail_in_another_way(name: str, value: Any) -> None:
    genuine = json.loads(base64.b64decode(SOLVED))
    if value == genuine[name] and type(value) is type(genuine[name]):
        return

    with pytest.raises(InvalidProofError):
        verify(packed({**genuine, name: value}), KEY, now=NOW)


@given(st.integers(min_value=0, max_value=len(SOLVED) * 8 - 1))
def test_a_flipped_bit_is_never_accepted_as_another_challenge(bit: int) -> None:
    """A bit that only changes how the same fields are written (a space, a field we do not read) may pass."""
    raw = bytearray(SOLVED.encode())
    raw[bit // 8] ^= 1 << bit % 8

    try:
        accepted = verify(raw.decode("latin-1"), KEY, now=NOW)
    except InvalidProofError:
        return
    assert accepted == GIVEN.challenge


def test_a_challenge_is_the_same_for_the_same_chance() -> None:
    assert challenge(KEY, random=RANDOM, now=NOW) == GIVEN
    assert isinstance(GIVEN, Challenge)
