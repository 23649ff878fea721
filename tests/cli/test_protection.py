"""`newsletter protect`: what nobody may delete by mistake, once it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import boto3

from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.cli.conftest import Command
from tests.cli.healthy import Client
from tests.moto_aws import REGION, TABLES

RESOURCES = Resources("", "content", "site", {name.lower(): name for name in TABLES}, {}, {})


@dataclass(frozen=True)
class Deployed(Stack):
    """Tables of moto, and a CloudFormation that notes what it is asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    def client(self, service: Any, config: Any = None) -> Any:
        if service == "cloudformation":
            return Client({"update_termination_protection": lambda **asked: self.asked.append(asked)})
        return self.session.client(service)

    def protected(self) -> list[bool]:
        dynamodb = self.client("dynamodb")
        return [dynamodb.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] for name in TABLES]


def deployed(endpoints: dict[str, str] | None = None) -> Deployed:
    session = boto3.Session(region_name=REGION)
    return Deployed("fortnightly-prod", session, RESOURCES, "https://example.org", endpoints=endpoints or {})


def test_it_protects_every_table_and_the_stack_and_twice_does_no_harm(newsletter: Command, dynamodb: Any) -> None:  # noqa: ARG001
    stack = deployed()
    assert stack.protected() == [False] * len(TABLES)

    for _ in range(2):
        assert newsletter("protect", stack=stack).code == 0
        assert stack.protected() == [True] * len(TABLES)

    assert stack.asked == [{"StackName": "fortnightly-prod", "EnableTerminationProtection": True}] * 2


def test_a_stack_of_this_machine_has_tables_alone(newsletter: Command, dynamodb: Any) -> None:  # noqa: ARG001
    stack = deployed({"": "http://127.0.0.1:4566"})

    assert newsletter("protect", stack=stack).code == 0
    assert (stack.protected(), stack.asked) == ([True] * len(TABLES), [])
