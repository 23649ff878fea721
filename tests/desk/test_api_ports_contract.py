"""What the stores of keys and of answers to programs promise, in memory and on DynamoDB alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.core.team import Role
from newsletter.desk.adapters.programs.dynamo_api_keys import DynamoApiKeys
from newsletter.desk.adapters.programs.dynamo_kept_answers import DynamoKeptAnswers
from newsletter.desk.api_keys.api_key import MOST, ApiKey, make, parts_of
from newsletter.desk.api_keys.kept_answer import KEPT, UNDER_WAY, KeptAnswer
from newsletter.desk.api_ports import ApiKeyStore, KeptAnswers
from tests.core.fakes import NOW
from tests.desk.api_fakes import MemoryApiKeys, MemoryKeptAnswers

KEY = ApiKey("0123456789abcdef", "h" * 64, "Website", frozenset({Role.KEEPER}), "ann@example.org", NOW)
ANSWER = KeptAnswer("fingerprint", 200, '{"id": "1"}')


@pytest.fixture(params=["memory", "dynamodb"])
def api_keys(request: pytest.FixtureRequest) -> ApiKeyStore:
    if request.param == "memory":
        return MemoryApiKeys()
    return DynamoApiKeys(request.getfixturevalue("dynamodb"), "SessionsTable")


@pytest.fixture(params=["memory", "dynamodb"])
def answers(request: pytest.FixtureRequest) -> KeptAnswers:
    if request.param == "memory":
        return MemoryKeptAnswers()
    return DynamoKeptAnswers(request.getfixturevalue("dynamodb"), "LimitsTable")


def test_a_key_is_there_until_it_is_removed(api_keys: ApiKeyStore) -> None:
    assert api_keys.find(KEY.key_id) is None
    assert api_keys.add(KEY)
    assert api_keys.find(KEY.key_id) == KEY
    assert not api_keys.add(KEY), "its id is taken"

    assert api_keys.remove(KEY.key_id)
    assert not api_keys.remove(KEY.key_id)
    assert api_keys.find(KEY.key_id) is None
    assert list(api_keys.all()) == []


def test_keys_are_listed_by_name(api_keys: ApiKeyStore) -> None:
    archive = replace(KEY, key_id="f" * 16, name="archive")
    assert list(api_keys.all()) == []
    api_keys.add(KEY)
    api_keys.add(archive)

    assert list(api_keys.all()) == [archive, KEY]


def test_its_use_is_noted_and_a_key_that_was_revoked_meanwhile_stays_revoked(api_keys: ApiKeyStore) -> None:
    api_keys.add(KEY)
    api_keys.note_use(KEY.key_id, NOW.date())
    assert api_keys.find(KEY.key_id) == replace(KEY, used_on=NOW.date())

    api_keys.remove(KEY.key_id)
    api_keys.note_use(KEY.key_id, NOW.date())

    assert api_keys.find(KEY.key_id) is None


def test_there_is_room_for_so_many_and_for_another_when_one_is_gone(api_keys: ApiKeyStore) -> None:
    added = [api_keys.add(replace(KEY, key_id=f"{number:016x}")) for number in range(MOST + 1)]
    assert added == [True] * MOST + [False]

    api_keys.remove(f"{0:016x}")

    assert api_keys.add(replace(KEY, key_id="f" * 16))


def test_of_one_request_that_comes_twice_one_begins(answers: KeptAnswers) -> None:
    assert answers.begin("name", "fingerprint", now=NOW) is None
    assert answers.begin("name", "fingerprint", now=NOW) == KeptAnswer("fingerprint")
    assert answers.begin("name", "another", now=NOW) == KeptAnswer("fingerprint")
    assert answers.begin("another name", "another", now=NOW) is None


def test_an_answer_is_kept_for_a_day(answers: KeptAnswers) -> None:
    answers.begin("name", "fingerprint", now=NOW)
    answers.keep("name", ANSWER, now=NOW)

    assert answers.begin("name", "fingerprint", now=NOW + KEPT - timedelta(seconds=1)) == ANSWER
    assert answers.begin("name", "another", now=NOW + KEPT) is None


def test_what_got_no_answer_may_be_asked_again_after_a_minute_and_nothing_else_under_its_name(
    answers: KeptAnswers,
) -> None:
    answers.begin("name", "fingerprint", now=NOW)

    assert answers.begin("name", "another", now=NOW + UNDER_WAY) == KeptAnswer("fingerprint")
    assert answers.begin("name", "fingerprint", now=NOW + UNDER_WAY - timedelta(seconds=1)) == KeptAnswer("fingerprint")
    assert answers.begin("name", "fingerprint", now=NOW + UNDER_WAY) is None


def test_what_came_to_nothing_is_forgotten(answers: KeptAnswers) -> None:
    answers.begin("name", "fingerprint", now=NOW)
    answers.forget("name")

    assert answers.begin("name", "another", now=NOW) is None


ID, SECRET = "0" * 16, "0" * 64


@pytest.mark.parametrize(
    "written",
    [
        "", "fn_live_", f"fn_live_{ID}_{SECRET[:-1]}", f"fn_live_{ID}_{SECRET}\n", f"fn_test_{ID}_{SECRET}",
        f"fn_live_{'٠' * 16}_{SECRET}", f"fn_live_{ID}{SECRET}", f" fn_live_{ID}_{SECRET}",
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_no_key(written: str) -> None:
    assert parts_of(written) is None


def test_a_key_opens_by_its_own_secret_and_by_no_other() -> None:
    api_key, written = make("Website", {Role.WRITER}, "ann@example.org", NOW)
    parts: Any = parts_of(written)

    assert parts[0] == api_key.key_id
    assert api_key.is_opened_by(parts[1])
    assert not api_key.is_opened_by(api_key.secret_hash), "what somebody would have who reads the table"
    assert parts[1] not in repr(api_key)
