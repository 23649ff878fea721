"""While the keys are moved, a function may read its keys at every moment: its role changes before its settings do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.simulator.policy import Request, allows, parse_policy
from newsletter.aws.secrets import is_parameter
from newsletter.config import written_out
from tests.template.test_limits import of_type
from tests.template.translated import ACCOUNT, REGION, Written

VARIABLES = next(iter(of_type("AWS::Lambda::Function").values()))["Environment"]["Variables"]
KEYS = {
    "SigningKeys": "SIGNING_KEYS_SECRET", "EditorKeys": "EDITOR_KEYS_SECRET", "OriginKeys": "ORIGIN_KEYS_SECRET",
}  # fmt: skip
OVER = [("secrets", "both"), ("both", "parameters")]
BACK = [("parameters", "both"), ("both", "secrets")]


def stack(keys_in: str) -> Written:
    return Written({"KeysIn": keys_in}, stack="fortnightly-prod")


def read(keys_in: str, key: str) -> Request:
    """Return what a function asks of IAM for a key, by its settings."""
    name = written_out(stack(keys_in).write(VARIABLES))[KEYS[key]]
    if is_parameter(name):
        return Request("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}")
    return Request("secretsmanager:GetSecretValue", name)


def roles() -> Iterator[tuple[dict[str, Any], set[str]]]:
    """Yield the role of each function that knows one of the keys, with the keys it knows."""
    for properties in of_type("AWS::IAM::Role").values():
        known = {key for key in KEYS if f"/{key}" in str(properties)}
        if known:
            yield properties, known


def may(role: dict[str, Any], keys_in: str, request: Request) -> bool:
    documents = [stack(keys_in).write(policy["PolicyDocument"]) for policy in role["Policies"]]
    return allows([each for document in documents for each in parse_policy(document)], request)


@pytest.mark.parametrize(("before", "after"), OVER + BACK)
def test_the_new_role_lets_a_function_read_where_its_old_and_its_new_settings_say(before: str, after: str) -> None:
    for role, known in roles():
        for key in known:
            assert may(role, after, read(before, key)), (key, before, after)
            assert may(role, after, read(after, key)), (key, before, after)


@pytest.mark.parametrize("keys_in", ["secrets", "both", "parameters"])
def test_no_function_reads_a_key_that_is_not_its_own_in_any_place(keys_in: str) -> None:
    for role, known in roles():
        for key in KEYS.keys() - known:
            for place in ("secrets", "parameters"):
                assert not may(role, keys_in, read(place, key)), key


def test_in_one_step_it_could_not_read_for_a_while_which_is_why_there_are_two() -> None:
    assert not all(may(role, "parameters", read("secrets", key)) for role, known in roles() for key in known)
    assert sum(len(known) for _, known in roles()) == 8 + 13 + 5
