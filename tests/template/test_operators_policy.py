"""What operators may do: all that the command line asks of AWS, and nothing besides."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from newsletter_cli.operator.backup.restored_secrets import ID_MAKERS
from newsletter_cli.operator.signing_keys import SIGNERS, VERIFIERS
from tests.moto_aws import TEMPLATE, template

ROOT = TEMPLATE.parent
RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
POLICIES = ("OperatorsPolicy", "OperatorsKeysPolicy", "OperatorsCloudFrontPolicy")
STATEMENTS: list[dict[str, Any]] = [
    statement for name in POLICIES for statement in RESOURCES[name]["Properties"]["PolicyDocument"]["Statement"]
]

SERVICES = {
    "cloudformation": "cloudformation", "cloudfront": "cloudfront", "cloudwatch": "cloudwatch",
    "dynamodb": "dynamodb", "lambda": "lambda", "s3": "s3", "scheduler": "scheduler",
    "secretsmanager": "secretsmanager", "sesv2": "ses", "sns": "sns", "sqs": "sqs", "ssm": "ssm",
}  # fmt: skip
"""What IAM calls the services that the command line speaks to."""

AS_IAM_SAYS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
}
"""Permissions that are not named after the call. https://docs.aws.amazon.com/service-authorization/latest/reference/"""

WITHOUT_RESOURCE = {
    "ses:GetAccount", "ses:GetSuppressedDestination", "ses:PutSuppressedDestination",
    "ses:DeleteSuppressedDestination", "scheduler:ListSchedules", "lambda:ListEventSourceMappings",
    "lambda:GetAccountSettings",
    "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics",
}  # fmt: skip
"""Those that AWS gives for everything or not at all."""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


ALLOWED = {action for statement in STATEMENTS for action in as_list(statement["Action"])}


@cache
def calls() -> dict[str, set[str]]:
    """Return the permissions that a call may stand for, by the name of boto3's method."""
    found: dict[str, set[str]] = {}
    for service, prefix in SERVICES.items():
        for operation in get_session().get_service_model(service).operation_names:
            action = f"{prefix}:{operation}"
            found.setdefault(xform_name(operation), set()).add(AS_IAM_SAYS.get(action, action))
    return found


def asked(folder: str) -> set[str]:
    """Return the names of boto3's methods and paginators that the code of a folder calls."""
    names = set()
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            names.add(node.func.attr)
            if node.func.attr == "get_paginator" and isinstance(node.args[0], ast.Constant):
                names.add(str(node.args[0].value))
    return names & set(calls())


def test_operators_may_make_every_call_that_their_verbs_make() -> None:
    missing = {name: calls()[name] for name in asked("newsletter_cli/operator") if not calls()[name] & ALLOWED}

    assert not missing


THE_LIST_BY_HAND = [
    *((f"dynamodb:{call}", table)
      for table in ("SubscribersTable", "SuppressionsTable")
      for call in ("Scan", "GetItem", "BatchGetItem", "PutItem", "DeleteItem", "ConditionCheckItem")),
    *((f"dynamodb:{call}", table) for table in ("IssuesTable", "SendsTable") for call in ("GetItem", "Query")),
    ("secretsmanager:GetSecretValue", "AddressKey"),
    ("secretsmanager:PutSecretValue", "OriginKeys"),
    *(("ssm:PutParameter", f"/{key}") for key in ("SigningKeys", "EditorKeys", "OriginKeys", "OriginSecret")),
    *(("ssm:GetParameter", f"/{key}") for key in ("SigningKeys", "EditorKeys", "OriginKeys", "OriginSecret")),
    ("cloudfront:UpdateDistribution", "distribution/${Distribution}"),
    ("sqs:SendMessage", "-*Queue-*"),
    ("ses:DeleteSuppressedDestination", "*"),
    ("lambda:GetFunctionConfiguration", ":function:"),
    ("dynamodb:DescribeContinuousBackups", ":table/${AWS::StackName}-*"),
]  # fmt: skip
"""What the verbs for people call by way of the ports, and on what."""


@pytest.mark.parametrize(("action", "resource"), THE_LIST_BY_HAND)
def test_operators_may_look_after_the_list(action: str, resource: str) -> None:
    allowed = [each for each in STATEMENTS if action in as_list(each["Action"])]

    assert any(resource in json.dumps(each["Resource"]) for each in allowed)


def test_only_what_has_no_resource_is_allowed_for_all() -> None:
    for statement in STATEMENTS:
        assert not any("*" in action for action in as_list(statement["Action"]))
        if "*" in as_list(statement["Resource"]):
            assert set(statement["Action"]) == WITHOUT_RESOURCE


def test_operators_mail_nobody_and_delete_no_table_no_file_and_no_secret() -> None:
    assert not any(
        re.search(r"ses:Send|:DeleteTable|:DeleteObject|:DeleteSecret|:DeleteParameter|iam:|:DeleteQueue", a)
        for a in ALLOWED
    )


def test_every_function_that_reads_a_secret_is_made_to_read_a_new_one() -> None:
    readers = {
        name
        for name, each in RESOURCES.items()
        if each["Type"] == "AWS::Serverless::Function"
        and "secretsmanager:GetSecretValue" in json.dumps(each["Properties"].get("Policies", []))
    }
    update = next(each for each in STATEMENTS if each["Action"] == "lambda:UpdateFunctionConfiguration")

    words = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in readers}
    assert words == {*VERIFIERS, *SIGNERS, *ID_MAKERS}
    assert {each["Fn::GetAtt"].removesuffix(".Arn") for each in update["Resource"]} == readers


def test_every_function_that_reads_keys_of_links_is_known_to_a_rotation() -> None:
    readers = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        for name, each in RESOURCES.items()
        if each["Type"] == "AWS::Serverless::Function"
        and any(
            "secretsmanager:GetSecretValue" in as_list(statement.get("Action", ""))
            and ("SigningKeys" in (said := json.dumps(statement["Resource"])) or "EditorKeys" in said)
            for policy in each["Properties"].get("Policies", [])
            for statement in policy["Statement"]
        )
    }

    assert readers == {*VERIFIERS, *SIGNERS}


@pytest.mark.parametrize("name", POLICIES)
def test_the_policy_stays_below_the_size_that_iam_takes(name: str) -> None:
    """6,144 characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/fortnightly-production-SuppressionsTable-1ABCDEFGHIJKL"
    document = RESOURCES[name]["Properties"]["PolicyDocument"]

    def written(value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Sub"):
                return arn
            return {name: written(each) for name, each in value.items()}
        return [written(each) for each in value] if isinstance(value, list) else value

    assert len(json.dumps(written(document), separators=(",", ":"))) < 6144


def test_operators_neither_read_nor_write_who_is_in_the_team_who_is_signed_in_and_what_was_done() -> None:
    for statement in STATEMENTS:
        if re.search("TeamTable|SessionsTable|ActivitiesTable|ReviewsTable", json.dumps(statement["Resource"])):
            assert {action.partition(":Describe")[0] for action in as_list(statement["Action"])} == {"dynamodb"}
