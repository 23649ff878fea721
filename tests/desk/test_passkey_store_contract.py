"""What the store of passkeys promises, in memory and on DynamoDB alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.desk.adapters.dynamo_passkeys import DynamoPasskeys
from newsletter.desk.passkey_ports import PasskeyStore
from newsletter.desk.passkeys.passkey import MOST, Keyring, Passkey, PasskeyChallenge
from tests.core.fakes import NOW
from tests.desk.fakes import MemoryPasskeys

ANN, BEN = "a" * 16, "b" * 16
KEY = Passkey("1" * 64, ANN, b"\x00\xffcredential", b"handle", b"\xa5key", added_at=NOW, name="phone")
CHALLENGE = PasskeyChallenge("c" * 64, "5" * 64, NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def passkeys(request: pytest.FixtureRequest) -> PasskeyStore:
    if request.param == "memory":
        return MemoryPasskeys()
    return DynamoPasskeys(request.getfixturevalue("dynamodb"), "SessionsTable")


def test_whoever_never_had_one_has_an_empty_keyring(passkeys: PasskeyStore) -> None:
    assert passkeys.keyring(ANN) == Keyring()
    assert list(passkeys.of_member(ANN)) == []
    assert passkeys.find(KEY.passkey_id) is None
    passkeys.remove_all(ANN)


def test_a_member_keeps_the_handle_that_came_first(passkeys: PasskeyStore) -> None:
    assert passkeys.start_keyring(ANN, b"handle") == Keyring(b"handle")
    assert passkeys.start_keyring(ANN, b"another") == Keyring(b"handle")
    assert passkeys.start_keyring(BEN, b"another") == Keyring(b"another")


def test_a_passkey_is_kept_once_whosever_it_is(passkeys: PasskeyStore) -> None:
    assert not passkeys.add(KEY), "of a member whose keyring has another handle, or none"
    passkeys.start_keyring(ANN, b"handle")
    passkeys.start_keyring(BEN, b"of ben")

    assert passkeys.add(KEY)
    assert not passkeys.add(replace(KEY, public_key=b"another", name="again"))
    assert not passkeys.add(replace(KEY, member_id=BEN, user_handle=b"of ben"))
    assert passkeys.find(KEY.passkey_id) == KEY
    assert passkeys.keyring(ANN).passkey_ids == {KEY.passkey_id}
    assert passkeys.keyring(BEN).passkey_ids == frozenset()


def test_there_is_room_for_so_many_and_the_oldest_comes_first(passkeys: PasskeyStore) -> None:
    passkeys.start_keyring(ANN, b"handle")
    keys = [
        replace(KEY, passkey_id=f"{9 - number}" * 64, added_at=NOW + timedelta(minutes=number))
        for number in range(MOST)
    ]

    assert [passkeys.add(each) for each in keys] == [True] * MOST
    assert not passkeys.add(replace(KEY, passkey_id="f" * 64))
    assert list(passkeys.of_member(ANN)) == keys


def test_a_counter_only_goes_forward_and_many_devices_have_none(passkeys: PasskeyStore) -> None:
    passkeys.start_keyring(ANN, b"handle")
    passkeys.add(KEY)
    later = NOW + timedelta(hours=1)

    assert not passkeys.note_use(replace(KEY, passkey_id="9" * 64), 1, later), "one that is not there"
    assert [passkeys.note_use(KEY, count, later) for count in (0, 0, 3, 3, 2, 0, 4)] == [
        True, True, True, False, False, False, True,
    ]  # fmt: skip
    assert passkeys.find(KEY.passkey_id) == replace(KEY, sign_count=4, used_at=later)


def test_only_its_owner_removes_one_and_one_that_was_removed_stays_so(passkeys: PasskeyStore) -> None:
    passkeys.start_keyring(ANN, b"handle")
    passkeys.add(KEY)

    assert not passkeys.remove(BEN, KEY.passkey_id)
    assert [passkeys.remove(ANN, KEY.passkey_id) for _ in range(2)] == [True, False]
    assert not passkeys.note_use(KEY, 1, NOW)
    assert passkeys.find(KEY.passkey_id) is None
    assert passkeys.keyring(ANN) == Keyring(b"handle")


def test_all_of_a_member_go_together_and_nobody_elses(passkeys: PasskeyStore) -> None:
    passkeys.start_keyring(ANN, b"handle")
    passkeys.start_keyring(BEN, b"of ben")
    bens = replace(KEY, passkey_id="2" * 64, member_id=BEN, user_handle=b"of ben")
    for each in (KEY, replace(KEY, passkey_id="3" * 64), bens):
        assert passkeys.add(each)
    passkeys.decline(ANN)

    passkeys.remove_all(ANN)

    assert passkeys.keyring(ANN) == Keyring()
    assert passkeys.find(KEY.passkey_id) is None
    assert list(passkeys.of_member(BEN)) == [bens]


def test_not_now_is_remembered_beside_the_passkeys(passkeys: PasskeyStore) -> None:
    passkeys.decline(ANN)
    assert passkeys.keyring(ANN) == Keyring(declined=True)

    passkeys.start_keyring(ANN, b"handle")
    assert passkeys.add(KEY)
    assert passkeys.keyring(ANN) == Keyring(b"handle", frozenset({KEY.passkey_id}), declined=True)


def test_a_challenge_is_taken_once(passkeys: PasskeyStore) -> None:
    to_add = replace(CHALLENGE, challenge_hash="d" * 64, to_add=True)
    passkeys.ask(CHALLENGE)
    passkeys.ask(to_add)

    assert [passkeys.take(CHALLENGE.challenge_hash) for _ in range(2)] == [CHALLENGE, None]
    assert passkeys.take(to_add.challenge_hash) == to_add
    assert passkeys.take("e" * 64) is None
