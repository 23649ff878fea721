"""People may do what the pages tell them to: each documented `aws` command, against the policies of those it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.simulator.policy import Request, Statement, allows, parse_policy
from tests.docs.test_docs import PAGES, ROOT
from tests.template.translated import ACCOUNT, REGION, Written, translated

STACK = Written(stack="fortnightly-prod")
RESOURCES: dict[str, dict[str, Any]] = translated()["Resources"]
AWS = f"{REGION}:{ACCOUNT}"
BUCKET = STACK.write({"Fn::GetAtt": "ContentBucket.Arn"})
OPERATORS, SENDERS, EDITORS, SETTINGS = "OperatorsPolicy", "SendersPolicy", "EditorsPolicy", "SettingsPolicy"


def of(policy: str) -> list[Statement]:
    return parse_policy(STACK.write(RESOURCES[policy]["Properties"]["PolicyDocument"]))


@dataclass(frozen=True)
class Asked:
    """What a command asks of IAM, and who has to be allowed it."""

    who: str
    action: str
    resource: str = "*"
    context: dict[str, tuple[str, ...]] = field(default_factory=dict)


STACK_ID = STACK.write({"Ref": "AWS::StackId"})
COMMANDS: dict[str, list[Asked]] = {
    "cloudformation describe-stacks": [
        Asked(OPERATORS, "cloudformation:DescribeStacks", STACK_ID),
        Asked(SENDERS, "cloudformation:DescribeStacks", STACK_ID),
    ],
    "cloudformation describe-stack-resource": [Asked(OPERATORS, "cloudformation:DescribeStackResource", STACK_ID)],
    "lambda invoke --function-name <stack>-control": [
        Asked(who, "lambda:InvokeFunction", f"arn:aws:lambda:{AWS}:function:fortnightly-prod-control")
        for who in (OPERATORS, SENDERS)
    ],
    "lambda invoke --function-name <stack>-schedule": [
        Asked(OPERATORS, "lambda:InvokeFunction", f"arn:aws:lambda:{AWS}:function:fortnightly-prod-schedule")
    ],
    "logs tail /aws/lambda/<stack>-send": [
        Asked(OPERATORS, "logs:FilterLogEvents", f"arn:aws:logs:{AWS}:log-group:/aws/lambda/fortnightly-prod-send:*")
    ],
    "sesv2 get-account": [Asked(OPERATORS, "ses:GetAccount")],
    "sesv2 put-configuration-set-sending-options": [
        Asked(OPERATORS, "ses:PutConfigurationSetSendingOptions",
              f"arn:aws:ses:{AWS}:configuration-set/fortnightly-prod-issues"),
    ],
    "scheduler list-schedules": [Asked(OPERATORS, "scheduler:ListSchedules")],
    "sqs purge-queue": [Asked(OPERATORS, "sqs:PurgeQueue", STACK.write({"Fn::GetAtt": "PlanDeadLetters.Arn"}))],
    "sqs send-message --queue-url <SettleQueue>": [
        Asked(OPERATORS, "sqs:SendMessage", STACK.write({"Fn::GetAtt": "SettleQueue.Arn"}))
    ],
    "sqs send-message --queue-url <GreetQueue>": [
        Asked(OPERATORS, "sqs:SendMessage", STACK.write({"Fn::GetAtt": "GreetQueue.Arn"}))
    ],
    "s3 cp chart.png s3://<ContentBucket>/issues/": [Asked(EDITORS, "s3:PutObject", f"{BUCKET}/issues/a/chart.png")],
    "s3 cp 2026-12-01-more-for-more.md s3://<ContentBucket>/issues/": [
        Asked(EDITORS, "s3:PutObject", f"{BUCKET}/issues/a.md")
    ],
    "s3 rm s3://<ContentBucket>/issues/": [Asked(EDITORS, "s3:DeleteObject", f"{BUCKET}/issues/a.md")],
    "s3 cp brand.yaml s3://<ContentBucket>/settings/": [
        Asked(SETTINGS, "s3:PutObject", f"{BUCKET}/settings/brand.yaml")
    ],
    "s3 cp privacy.md s3://<ContentBucket>/settings/": [
        Asked(SETTINGS, "s3:PutObject", f"{BUCKET}/settings/privacy.md")
    ],
}  # fmt: skip
"""By the beginning of the command, as the pages have it."""

CONSOLE: dict[str, list[Asked]] = {
    "`IssuesFolderUrl`": [
        Asked(EDITORS, "s3:GetBucketLocation", BUCKET),
        Asked(EDITORS, "s3:ListBucket", BUCKET, {"s3:prefix": ("issues/",)}),
        Asked(EDITORS, "s3:PutObject", f"{BUCKET}/issues/a.md"),
        Asked(EDITORS, "s3:GetObject", f"{BUCKET}/issues/a.md"),
        Asked(EDITORS, "s3:DeleteObject", f"{BUCKET}/issues/a.md"),
    ],
    "Logs Insights": [
        Asked(OPERATORS, action, STACK.write({"Fn::GetAtt": "ApiLogs.Arn"}))
        for action in ("logs:StartQuery", "logs:GetQueryResults")
    ],
}
"""By words of the step, as the pages have them."""

BY_WHOEVER_DEPLOYS = (
    "cloudformation update-termination-protection", "dynamodb delete-table", "dynamodb update-table",
    "iam create-open-id-connect-provider", "iam list-open-id-connect-providers",
    "secretsmanager delete-secret", "secretsmanager restore-secret", "sesv2 delete-email-identity",
)  # fmt: skip
"""Making and removing a stack is for administrators of the account, who need no policy of ours; all of deploy.md is."""

BY_ANYBODY = ("configure sso", "sso login")
"""They ask for no permission."""

PAGE_OF_WHOEVER_DEPLOYS = ROOT / "docs" / "deploy.md"
COMMAND = re.compile(r"(?:^ *|`)aws ((?!a\b)[a-z0-9]+ [a-z][a-z-]+[^`\n]*)", re.MULTILINE)


def documented() -> Iterator[tuple[str, str]]:
    """Yield (page, command) for each command of AWS's that a page gives to people other than whoever deploys."""
    for page in PAGES:
        if page == PAGE_OF_WHOEVER_DEPLOYS or "decisions" in page.parts or page.name == "CHANGELOG.md":
            continue
        for command in COMMAND.findall(page.read_text()):
            yield page.name, command


@pytest.mark.parametrize(("page", "command"), list(documented()))
def test_every_command_of_a_page_is_in_the_table(page: str, command: str) -> None:
    assert command.startswith((*COMMANDS, *BY_WHOEVER_DEPLOYS, *BY_ANYBODY)), f"{page} says: aws {command}"


@pytest.mark.parametrize("beginning", [*COMMANDS, *BY_WHOEVER_DEPLOYS, *BY_ANYBODY])
def test_every_command_of_the_table_is_in_a_page(beginning: str) -> None:
    everywhere = "\n".join(page.read_text() for page in PAGES if "decisions" not in page.parts)

    assert f"aws {beginning}" in everywhere


@pytest.mark.parametrize("words", CONSOLE)
def test_every_step_in_the_console_is_in_a_page(words: str) -> None:
    assert any(words in page.read_text() for page in PAGES if "decisions" not in page.parts)


ALL = [(step, asked) for table in (COMMANDS, CONSOLE) for step, several in table.items() for asked in several]


@pytest.mark.parametrize(("step", "asked"), ALL)
def test_whoever_a_step_is_for_may_take_it(step: str, asked: Asked) -> None:
    assert allows(of(asked.who), Request(asked.action, asked.resource, asked.context)), step


@pytest.mark.parametrize(("step", "asked"), [each for each in ALL if each[1].who == OPERATORS])
def test_editors_may_take_no_step_of_operators(step: str, asked: Asked) -> None:
    assert not allows(of(EDITORS), Request(asked.action, asked.resource, asked.context)), step


def test_an_editor_sees_the_folder_of_issues_and_nothing_beside_it() -> None:
    for prefix in ("", "settings/", "rendered/"):
        assert not allows(of(EDITORS), Request("s3:ListBucket", BUCKET, {"s3:prefix": (prefix,)}))
    assert not allows(of(EDITORS), Request("s3:ListAllMyBuckets", "*"))
    assert not allows(of(EDITORS), Request("s3:GetObject", f"{BUCKET}/settings/brand.yaml"))


def test_the_address_of_the_folder_opens_it_without_the_list_of_buckets() -> None:
    url = STACK.write(translated()["Outputs"]["IssuesFolderUrl"]["Value"])

    assert url.startswith(f"https://{REGION}.console.aws.amazon.com/s3/buckets/fortnightly-prod-ContentBucket")
    assert url.endswith(f"?region={REGION}&prefix=issues/")
