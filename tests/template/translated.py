"""The template as CloudFormation gets it, behind SAM, and how long its values may become."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from unittest.mock import patch

from local.package import read_template, with_artifacts
from tests.moto_aws import TEMPLATE

LONGEST_STACK_NAME = 46
"""Said in docs/data.md. CloudFormation itself takes 128."""

REGION, ACCOUNT = "ap-southeast-2", "123456789012"
"""No region has a longer name."""


def pseudo(stack: str) -> dict[str, str]:
    """Return what CloudFormation itself knows of a stack of that name."""
    return {
        "AWS::StackName": stack,
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/8b7a3f10-0000-1111-2222-333344445555",
    }


MADE_UP = 13
"""Letters and digits that CloudFormation hangs on a name which the template leaves to it."""

SERVICES = {
    "AWS::DynamoDB::Table": "dynamodb:{where}:table/{name}",
    "AWS::Events::Rule": "events:{where}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "iam::123456789012:policy/{name}",
    "AWS::IAM::Role": "iam::123456789012:role/{name}",
    "AWS::KinesisFirehose::DeliveryStream": "firehose:{where}:deliverystream/{name}",
    "AWS::Lambda::Function": "lambda:{where}:function:{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SNS::Topic": "sns:{where}:{name}",
    "AWS::SQS::Queue": "sqs:{where}:{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{where}:secret:{name}-abcdef",
    "AWS::Logs::LogGroup": "logs:{where}:log-group:{name}:*",
}
WHERE = f"{REGION}:{ACCOUNT}"
REF_IS_ARN = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::SecretsManager::Secret")
LONGEST = {"AWS::S3::Bucket": 63, "AWS::SQS::Queue": 80, "AWS::IAM::Role": 64, "AWS::CloudFront::Distribution": 14}
NAMES = ("FunctionName", "LogGroupName", "Name", "RuleSetName", "DashboardName", "DeliveryStreamName")


@cache
def translated() -> dict[str, Any]:
    """Return what SAM makes of the template; it asks nobody."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    source = read_template(TEMPLATE)
    zipped = ("AWS::Serverless::Function", "AWS::Serverless::LayerVersion")
    names = [name for name, each in source["Resources"].items() if each["Type"] in zipped]
    packaged = with_artifacts(source, {name: f"s3://artifacts/{name}" for name in names})
    defaults = {name: str(each["Default"]) for name, each in source["Parameters"].items()}
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):  # else it asks where it runs
        made: dict[str, Any] = Translator({}, Parser()).translate(packaged, defaults)
    return made


class Written:
    """Writes values of the template out, as CloudFormation would, where names are as long as they may be."""

    def __init__(self, parameters: Mapping[str, str] | None = None, *, stack: str = "s" * LONGEST_STACK_NAME) -> None:
        self._pseudo = pseudo(stack)
        self._template = translated()
        declared = self._template["Parameters"]
        self._parameters = {name: str(each["Default"]) for name, each in declared.items()} | dict(parameters or {})

    def write(self, value: Any) -> Any:
        """Return a value without intrinsics."""
        if isinstance(value, list):
            return [each for each in map(self.write, value) if each is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (word, operand), *_ = value.items()
            if word == "Ref":
                return self._ref(operand)
            if word.startswith("Fn::"):
                return self._intrinsic(word.removeprefix("Fn::"), operand)
        written = {name: self.write(each) for name, each in value.items()}
        return {name: each for name, each in written.items() if each is not None}

    def holds(self, condition: Any) -> bool:
        """Return whether a condition of the template holds, with the values of the parameters."""
        if isinstance(condition, str):
            return self.holds(self._template["Conditions"][condition])
        ((word, operand),) = condition.items()
        if word == "Condition":
            return self.holds(operand)
        if word == "Fn::Equals":
            first, second = (self.write(each) for each in operand)
            return bool(first == second)
        found = [self.holds(each) for each in operand]
        return {"Fn::Not": not found[0], "Fn::And": all(found), "Fn::Or": any(found)}[word]

    def physical(self, name: str) -> str:
        """Return what a resource is called, in full where the template says so."""
        resource = self._template["Resources"][name]
        properties = resource.get("Properties", {})
        given = next((properties[key] for key in NAMES if key in properties), None)
        made = f"{self._pseudo['AWS::StackName']}-{name}-{'X' * MADE_UP}"
        return str(self.write(given)) if given else made[: LONGEST.get(resource["Type"])]

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return None
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        kind = self._template["Resources"][name]["Type"]
        if kind in REF_IS_ARN:
            return self._arn(name)
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.physical(name)}"
        return self.physical(name)

    def _arn(self, name: str) -> str:
        form = SERVICES[self._template["Resources"][name]["Type"]]
        return "arn:aws:" + form.format(where=WHERE, name=self.physical(name))

    def _intrinsic(self, word: str, operand: Any) -> Any:
        if word == "GetAtt":
            name, _, attribute = operand.partition(".") if isinstance(operand, str) else (operand[0], "", operand[1])
            if attribute in ("Arn", "Id", "TopicArn"):
                return self._arn(name)
            if attribute == "StreamArn":
                return f"{self._arn(name)}/stream/2026-12-01T09:00:00.000"
            if attribute in ("QueueName", "TopicName"):
                return self.physical(name)
            return f"{name}-{attribute}.example.amazonaws.com"
        if word == "If":
            condition, then, otherwise = operand
            return self.write(then if self.holds(condition) else otherwise)
        if word == "Sub":
            text, extra = (operand, {}) if isinstance(operand, str) else operand
            given = {name: str(self.write(each)) for name, each in extra.items()}
            return re.sub(r"\$\{([^!}]+)\}", lambda found: self._named(found[1], given), text)
        if word == "Select":
            return self.write(operand[1])[int(operand[0])]
        if word == "Split":
            return str(self.write(operand[1])).split(operand[0])
        if word == "Join":
            return operand[0].join(map(str, self.write(operand[1])))
        raise NotImplementedError(word)

    def _named(self, name: str, given: Mapping[str, str]) -> str:
        if name in given:
            return given[name]
        return str(self.write({"Fn::GetAtt": name} if "." in name else {"Ref": name}))
