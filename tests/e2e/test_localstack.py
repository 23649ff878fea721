"""The template's part that runs nothing, on a second emulator: what MiniStack alone says of it is no proof.

LocalStack's community edition from PyPI, as a process of this machine, without Docker and without an account
(`make .venv-localstack/.localstack`; half a gigabyte, so nothing installs it unasked). It has no DynamoDB without Java.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.process import LOOPBACK, answers, clean_environment, free_port
from local.reader import wait_for
from tests.moto_aws import TEMPLATE
from tests.template.translated import Written, translated

PYTHON = TEMPLATE.parent / ".venv-localstack/bin/python"
REGION = "eu-west-1"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not PYTHON.exists(), reason="LocalStack is not installed (make .venv-localstack/.localstack)"),
]

ELSEWHERE = (
    "AWS::ApiGatewayV2::", "AWS::Budgets::", "AWS::CloudFront::", "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::",
    "AWS::KinesisFirehose::", "AWS::Lambda::", "AWS::Logs::MetricFilter", "AWS::SES::", "AWS::WAFv2::",
)  # fmt: skip
"""What runs something, or what this edition only pretends to make."""

PRETENDED = "unknown"
"""The physical id that LocalStack gives to a resource that it passes over in silence."""

SIZES = {
    "small": {"Size": "small"},
    "large": {"Size": "large", "InboundDomain": "leave.example.org", "AlarmEmail": "ann@example.org"},
}


def standing_part() -> dict[str, Any]:
    """Return the translated template without what is elsewhere, whose names and ARNs are written out."""
    whole = translated()
    resources = whole["Resources"]
    absent = {name for name, each in resources.items() if each["Type"].startswith(ELSEWHERE)}
    written = Written(stack="elsewhere")

    def names(intrinsic: str, operand: Any) -> set[str]:
        if intrinsic == "Ref":
            return {operand}
        if intrinsic == "Fn::GetAtt":
            return {operand[0] if isinstance(operand, list) else operand.partition(".")[0]}
        return set()

    def named(found: re.Match[str]) -> str:
        resource, dot, _ = found[1].partition(".")
        if resource not in absent:
            return found[0]
        return str(written.write({"Fn::GetAtt": found[1]} if dot else {"Ref": resource}))

    def without(value: Any) -> Any:
        if isinstance(value, list):
            return [without(each) for each in value]
        if isinstance(value, str):
            return re.sub(r"\$\{([\w:.]+)\}", named, value)
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and names(*next(iter(value.items()))) & absent:
            return written.write(value)
        return {key: without(each) for key, each in value.items() if key != "DependsOn"}

    kept = {name: without(each) for name, each in resources.items() if name not in absent}
    return {"Resources": kept} | {key: whole[key] for key in ("Parameters", "Rules", "Conditions")}


def client(endpoint: str, service: Any) -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return session.client(service, endpoint_url=endpoint)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("localstack")
    where = f"{LOOPBACK}:{free_port()}"
    environment = clean_environment(home / "tmp") | {
        "GATEWAY_LISTEN": where,
        "FILESYSTEM_ROOT": str(home / "files"),
        "DISABLE_EVENTS": "1",  # it reports its use otherwise
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",  # no name server of its own
    }
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([PYTHON, "-m", "localstack.runtime.main"], cwd=home, env=environment, stdout=log,
                                   stderr=log)  # fmt: skip
    try:
        wait_for("LocalStack", lambda: answers(f"http://{where}/_localstack/health"), seconds=60)
        yield f"http://{where}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module", params=SIZES)
def stack(endpoint: str, request: pytest.FixtureRequest) -> dict[str, dict[str, str]]:
    """Return what was made, by the names of the template."""
    name = f"standing-{request.param}"
    s3 = client(endpoint, "s3")
    s3.create_bucket(Bucket=f"{name}-template", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=f"{name}-template", Key="template", Body=json.dumps(standing_part()).encode())
    cloudformation = client(endpoint, "cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateURL=f"{endpoint}/{name}-template/template",
        Parameters=[{"ParameterKey": key, "ParameterValue": said} for key, said in SIZES[request.param].items()],
        Capabilities=["CAPABILITY_IAM"],
    )

    def state() -> str:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    wait_for("the stack", lambda: not state().endswith("IN_PROGRESS"), seconds=120)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert state() == "CREATE_COMPLETE", [each for each in events if "FAILED" in each["ResourceStatus"]]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return {each["LogicalResourceId"]: each for page in pages for each in page["StackResourceSummaries"]}


def test_every_standing_part_is_made_and_none_is_passed_over(stack: dict[str, dict[str, str]]) -> None:
    assert {each["ResourceStatus"] for each in stack.values()} == {"CREATE_COMPLETE"}
    assert [name for name, each in stack.items() if each.get("PhysicalResourceId") in (None, "", PRETENDED)] == []
    assert {each["ResourceType"] for each in stack.values()} >= {
        "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket",
        "AWS::Scheduler::Schedule", "AWS::CloudWatch::Alarm", "AWS::Logs::LogGroup",
    }  # fmt: skip


def test_a_queue_gives_up_to_its_own_dead_letters(endpoint: str, stack: dict[str, dict[str, str]]) -> None:
    sqs = client(endpoint, "sqs")
    made = {
        name: each["PhysicalResourceId"] for name, each in stack.items() if each["ResourceType"] == "AWS::SQS::Queue"
    }
    queues = {name.removesuffix("Queue"): url for name, url in made.items() if f"{name[:-5]}DeadLetters" in made}
    assert len(queues) > 8
    for name, url in queues.items():
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        target = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"]
        assert target.endswith(made[f"{name}DeadLetters"].rpartition("/")[2])


def test_every_clock_strikes_at_something_that_was_made(endpoint: str, stack: dict[str, dict[str, str]]) -> None:
    scheduler = client(endpoint, "scheduler")
    clocks = [
        each["PhysicalResourceId"] for each in stack.values() if each["ResourceType"] == "AWS::Scheduler::Schedule"
    ]
    for name in clocks:
        found = scheduler.get_schedule(Name=name)
        assert found["State"] == "ENABLED"
        assert found["Target"]["RoleArn"].rpartition("/")[2] in {each["PhysicalResourceId"] for each in stack.values()}
