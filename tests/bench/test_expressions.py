"""The benchmark's stand-in for DynamoDB must refuse what DynamoDB refuses, or a worker's second tries do not show."""

from __future__ import annotations

import pytest

from bench.expressions import holds, updated

ITEM = {"until": {"N": "50"}, "state": {"S": "planned"}}
NAMES = {"#until": "until"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("#until BETWEEN :low AND :high AND attribute_not_exists(slowed_at)", True),
        ("#until BETWEEN :high AND :high", False),
        ("(attribute_not_exists(#until) OR #until < :low) AND state = :state", False),
        ("(attribute_not_exists(#until) OR #until < :high) AND state = :state", True),
        ("attribute_exists(slug)", False),
        ("missing = :state", False),
    ],
)
def test_a_condition_holds_as_in_dynamodb(condition: str, expected: bool) -> None:
    values = {":low": {"N": "9"}, ":high": {"N": "100"}, ":state": {"S": "planned"}}
    asked = {"ConditionExpression": condition, "ExpressionAttributeNames": NAMES, "ExpressionAttributeValues": values}

    assert holds(ITEM, asked) is expected


def test_members_are_added_to_a_set_once() -> None:
    asked = {"UpdateExpression": "ADD accepted :more", "ExpressionAttributeValues": {":more": {"BS": ["b", "c"]}}}

    assert updated({"accepted": {"BS": ["a", "b"]}}, asked) == {"accepted": {"BS": ["a", "b", "c"]}}
    assert updated({}, asked) == {"accepted": {"BS": ["b", "c"]}}


def test_an_update_sets_adds_and_counts() -> None:
    values = {":more": {"N": "7"}, ":state": {"S": "done"}}
    asked = {"ExpressionAttributeNames": NAMES, "ExpressionAttributeValues": values}

    after = updated(ITEM, {**asked, "UpdateExpression": "SET #until = #until + :more, state = :state"})
    counted = updated(after, {**asked, "UpdateExpression": "ADD through :more, #until :more"})

    assert counted == {"until": {"N": "64"}, "state": {"S": "done"}, "through": {"N": "7"}}
