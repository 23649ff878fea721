"""What the desk's functions may not do, by the rules of IAM itself: every action, on everything that holds a reader.

The functions run with these statements and no others. They are judged here by the evaluator that the laptop stack
enforces permissions with, so a wildcard that reaches too far is seen, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session

from local.simulator.policy import Request, Statement, allows, parse_policy
from tests.moto_aws import template

RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
AWS = "eu-west-2:123456789012"
READERS = ("SubscribersTable", "SuppressionsTable", "ReceiptsTable")
ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{AWS}:table/stack-{{}}-1ABC",
    "AWS::S3::Bucket": "arn:aws:s3:::stack-{}-1abc",
    "AWS::SQS::Queue": f"arn:aws:sqs:{AWS}:stack-{{}}-1ABC",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{AWS}:secret:stack-{{}}-1ABC",
    "AWS::Serverless::Function": f"arn:aws:lambda:{AWS}:function:stack-{{}}",
}
PSEUDO = {
    "AWS::Partition": "aws", "AWS::Region": "eu-west-2", "AWS::AccountId": "123456789012", "AWS::StackName": "stack",
    "SenderEmail": "briefing@example.org",
}  # fmt: skip
OTHER_NAMES = {
    "PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete", "ConditionCheckItem", "GetRecords",
    "GetShardIterator", "DescribeStream", "StartAwsBackupJob", "RestoreTableFromAwsBackup", "GetResourcePolicy",
}  # fmt: skip
"""Permissions that are not named after a call. https://docs.aws.amazon.com/service-authorization/latest/reference/"""


def arn(name: str) -> str:
    kind = RESOURCES[name]["Type"]
    return ARNS[kind].format(name.lower() if kind == "AWS::S3::Bucket" else name) if kind in ARNS else f"stack-{name}"


def written(value: Any) -> Any:
    """Return a part of the template with every reference written out."""
    match value:
        case {"Fn::GetAtt": str(name)}:
            return arn(name.partition(".")[0])
        case {"Ref": str(name)}:
            return PSEUDO.get(name, f"stack-{name}")
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)(\.\w+)?\}", lambda found: PSEUDO.get(found[1]) or arn(found[1]), text)
        case {"Fn::If": [_, then, _]}:  # whichever gives more
            return written(then)
        case dict():
            return {name: written(each) for name, each in value.items()}
        case list():
            return [written(each) for each in value]
    return value


def rights(function: str) -> list[Statement]:
    policies = RESOURCES[function]["Properties"].get("Policies", [])
    assert all(set(policy) == {"Statement"} for policy in policies)  # no policy of AWS's or SAM's beside ours
    return [statement for policy in policies for statement in parse_policy(written(policy))]


def on_tables() -> Iterator[Request]:
    """Yield every action on every table of readers, its indexes, streams, backups and exports."""
    operations = {*get_session().get_service_model("dynamodb").operation_names, *OTHER_NAMES}
    for name in READERS:
        indexes = [each["IndexName"] for each in RESOURCES[name]["Properties"].get("GlobalSecondaryIndexes", [])]
        parts = ("", "/index/*", *(f"/index/{index}" for index in indexes), "/stream/2026", "/backup/1", "/export/1")
        for part in parts:
            yield from (Request(f"dynamodb:{operation}", f"{arn(name)}{part}") for operation in sorted(operations))


WITHOUT_READERS = {
    "SignInQueue", "PublishDeadLetters", "PlanDeadLetters", "BatchDeadLetters", "SettleDeadLetters",
    "ReportDeadLetters",
}  # fmt: skip
"""Queues whose messages are ours, and name slugs, sends and batches; those of feedback hold what SES reports."""

OPENS_PICTURES, READS_FEEDS = "Pictures", "ReadFeed"
"""The functions that the desk may ask, about a logo and about a feed. They are judged here like the desk itself."""

FILES = ("imports/1/list.csv", "evidence/x/1.jsonl.gz", "backup/subscribers.jsonl", "exports/list.csv", "anything.csv")


def beside_tables() -> Iterator[Request]:
    """Yield the other ways to a reader: files, keys that open readers' pages or make their ids, functions that may."""
    for bucket in ("ContentBucket", "SiteBucket"):
        for file in FILES:
            yield from (Request(f"s3:{verb}", f"{arn(bucket)}/{file}") for verb in ("GetObject", "GetObjectVersion"))
    for secret in ("AddressKey", "SigningKeys"):
        yield Request("secretsmanager:GetSecretValue", arn(secret))
    for name, each in RESOURCES.items():
        if each["Type"] == "AWS::Serverless::Function" and name not in (OPENS_PICTURES, READS_FEEDS):
            yield from (Request(f"lambda:{verb}", arn(name)) for verb in ("InvokeFunction", "InvokeAsync"))
    for action in ("ses:GetSuppressedDestination", "ses:ListSuppressedDestinations", "logs:GetLogEvents"):
        yield Request(action, "*")
    for name, each in RESOURCES.items():
        if each["Type"] == "AWS::SQS::Queue" and name not in WITHOUT_READERS:
            yield Request("sqs:ReceiveMessage", arn(name))


@pytest.mark.parametrize(
    "function",
    ["Desk", "SignIn", "SignInMail", "Decide", "Preview", "Comment", "ApiIssues", OPENS_PICTURES, READS_FEEDS],
)
def test_no_action_reaches_a_reader(function: str) -> None:
    given = rights(function)
    asked = [*on_tables(), *beside_tables()]

    assert len(asked) > 700
    assert [request for request in asked if allows(given, request)] == []


def test_who_works_for_readers_reaches_them_so_that_this_could_fail() -> None:
    assert any(allows(rights("Greet"), request) for request in on_tables())
    assert any(allows(rights("DeskPeople"), request) for request in on_tables())
    assert allows(rights("Desk"), Request("dynamodb:GetItem", arn("IssuesTable")))
    assert allows(rights("Desk"), Request("s3:GetObject", f"{arn('ContentBucket')}/rendered/x/y.json"))
    everything = parse_policy({"Statement": {"Effect": "Allow", "Action": "dynamodb:Get*", "Resource": "*"}})
    assert any(allows(everything, request) for request in on_tables())


@pytest.mark.parametrize("function", ["DeskPeople", "DeskTagged", "ApiPeople", "ApiLists"])
def test_whoever_looks_after_readers_at_the_desk_touches_no_issue_and_no_send(function: str) -> None:
    given = rights(function)
    writes = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
    asked = [Request(f"dynamodb:{verb}", arn(name)) for name in ("IssuesTable", "SendsTable") for verb in writes]
    asked += [Request(f"s3:{verb}", f"{arn('ContentBucket')}/issues/x.md") for verb in ("PutObject", "DeleteObject")]
    queues = ("PublishQueue", "PlanQueue", "BatchQueue", "SettleQueue")
    asked += [Request("sqs:SendMessage", arn(name)) for name in queues]

    assert [request for request in asked if allows(given, request)] == []


def test_what_goes_through_the_list_for_a_program_changes_nothing_and_what_changes_it_does_not_go_through() -> None:
    writes = {
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
        "PartiQLInsert",
        "PartiQLUpdate",
        "PartiQLDelete",
    }
    listing = [request for request in on_tables() if allows(rights("ApiLists"), request)]
    changing = [request for request in on_tables() if allows(rights("ApiPeople"), request)]

    assert {request.action for request in listing} == {"dynamodb:Scan"}
    assert not {request.action for request in changing} & {"dynamodb:Scan", "dynamodb:Query", "dynamodb:PartiQLSelect"}
    assert {request.action for request in changing} & {f"dynamodb:{verb}" for verb in writes}


@pytest.mark.parametrize("function", ["ApiIssues", "ApiPeople", "ApiLists"])
def test_a_function_of_the_api_reads_keys_and_no_session_and_cannot_make_or_change_one(function: str) -> None:
    verbs = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Scan", "Query")

    def may(key: str, *attributes: str) -> set[str]:
        conditions = {"dynamodb:LeadingKeys": (key,), "dynamodb:Attributes": attributes}
        asked = [Request(f"dynamodb:{verb}", arn("SessionsTable"), conditions) for verb in verbs]
        return {request.action.removeprefix("dynamodb:") for request in asked if allows(rights(function), request)}

    assert may("api-key#0123456789abcdef", "item_key", "used_on") == {"GetItem", "UpdateItem"}
    assert may("api-key#0123456789abcdef", "item_key", "roles") == {"GetItem"}
    for other in ("session#1", "attempt#1", "passkey#1", "api-keys"):
        assert may(other, "item_key", "used_on") == set()


def test_nobody_at_the_desk_may_change_or_remove_a_line_of_its_log() -> None:
    """DynamoDB has no right to add without overwriting; the code adds on condition that there is no such line."""
    verbs = ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete", "DeleteTable")
    for name, each in RESOURCES.items():
        if each["Type"] == "AWS::Serverless::Function" and "Policies" in each["Properties"]:
            for verb in verbs:
                assert not allows(rights(name), Request(f"dynamodb:{verb}", arn("ActivitiesTable"))), name
