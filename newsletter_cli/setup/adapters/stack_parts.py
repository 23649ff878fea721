"""What a stack is made of, and what of it stays when it is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsletter_cli.key_parameters import ALL, parameter_name
from newsletter_cli.setup.adapters.cloudformation_stack import CloudFormationStack
from newsletter_cli.setup.domain.answers import IN_SECRETS, KEYS_IN
from newsletter_cli.setup.teardown_ports import Remains

KEPT = {
    "AWS::DynamoDB::Table": (
        "table",
        (
            "aws dynamodb update-table --table-name {} --no-deletion-protection-enabled",
            "aws dynamodb delete-table --table-name {}",
        ),
    ),
    "AWS::S3::Bucket": (
        "bucket",
        ("# in the console: S3, this bucket, Empty; its older versions go with it", "aws s3 rb s3://{}"),
    ),
    "AWS::SecretsManager::Secret": ("secret", ("aws secretsmanager delete-secret --secret-id {}",)),
    "AWS::SES::EmailIdentity": (
        "sender at SES",
        ("# not if anything else sends for this domain", "aws sesv2 delete-email-identity --email-identity {}"),
    ),
}
"""By the type of a resource that the template retains: its word, and how to remove one."""

CERTIFICATE = ("certificate", "aws acm delete-certificate --region us-east-1 --certificate-arn {}")
PARAMETER = ("parameter", "aws ssm delete-parameter --name {}")
RULE_SET = "AWS::SES::ReceiptRuleSet"


class AwsStackParts:
    """The parts of a stack in an account; `ses` is a client of the first API of SES, which alone receives mail."""

    def __init__(self, stack: CloudFormationStack, ses: Any) -> None:
        self._stack, self._ses = stack, ses

    def remains(self) -> Sequence[Remains]:
        """Return what stays, what setting up made beside the stack too."""
        stays = [
            _remains(each["ResourceType"], each["PhysicalResourceId"])
            for each in self._stack.resources()
            if each["ResourceType"] in KEPT and each.get("PhysicalResourceId")
        ]
        parameters = self._stack.deployed_parameters()
        domain = parameters.get("SenderEmail", "").rpartition("@")[2]
        if domain and domain not in [each.name for each in stays]:
            stays.append(_remains("AWS::SES::EmailIdentity", domain))
        if arn := parameters.get("CertificateArn", ""):
            stays.append(Remains(CERTIFICATE[0], arn, (CERTIFICATE[1].format(arn),)))
        if parameters.get(KEYS_IN, IN_SECRETS) != IN_SECRETS:
            names = [parameter_name(self._stack.name, key) for key in ALL]
            stays += [Remains(PARAMETER[0], name, (PARAMETER[1].format(name),)) for name in names]
        return stays

    def resource_count(self) -> int:
        """Return how many resources the stack has."""
        return len(self._stack.resources())

    def release_inbound(self) -> None:
        """Let go of the rule set that receives mail to leave: SES deletes none that is active."""
        own = [each["PhysicalResourceId"] for each in self._stack.resources() if each["ResourceType"] == RULE_SET]
        if own and self._ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name") in own:
            self._ses.set_active_receipt_rule_set()


class LaptopParts:
    """Everything on the laptop is in memory, and goes with it."""

    def __init__(self, stack: CloudFormationStack) -> None:
        self._stack = stack

    def remains(self) -> Sequence[Remains]:
        """Return nothing."""
        return ()

    def resource_count(self) -> int:
        """Return how many resources the stack has."""
        return len(self._stack.resources())

    def release_inbound(self) -> None:
        """Do nothing: the simulator receives without rules."""


def _remains(kind: str, name: str) -> Remains:
    word, commands = KEPT[kind]
    return Remains(word, name, tuple(command.format(name) for command in commands))
