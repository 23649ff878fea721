"""Deploy the real template.yaml into the emulator, as `sam deploy` would into an account."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local.emulator import aws_client
from local.package import (
    artifacts,
    read_template,
    with_artifacts,
    with_numbers,
    without_what_is_aws_alone,
)
from newsletter_cli.protection import protect_tables
from newsletter_cli.resources import Resources, described

STACK = "fortnightly-laptop"
ARTIFACTS = "fortnightly-laptop-artifacts"
UNDER_WAY = ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


class DeployFailedError(Exception):
    """CloudFormation refused the template, or a resource could not be made."""


def deploy(endpoint: str, root: Path, parameters: Mapping[str, str]) -> Resources:
    """Upload the artifacts, create the stack, and say what it made.

    Args:
        endpoint: The emulator.
        root: The checkout, where template.yaml is.
        parameters: Values for the template's parameters; those it does not declare are an error.

    Raises:
        DeployFailedError: With CloudFormation's own reasons.
    """
    template = read_template(root / "template.yaml")
    if unknown := sorted(set(parameters) - set(template.get("Parameters", {}))):
        raise DeployFailedError(f"template.yaml has no parameter {', '.join(unknown)}")
    sender = parameters.get("SenderEmail", template["Parameters"]["SenderEmail"]["Default"])
    _verify_sender(endpoint, sender)
    address = _upload(endpoint, without_what_is_aws_alone(with_numbers(template, parameters)), root)
    cloudformation = aws_client("cloudformation", endpoint)
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=address,  # a template sent in the call itself may not be larger than 51,200 bytes
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    _wait_for_stack(cloudformation)
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    made = described(resource for page in pages for resource in page["StackResourceSummaries"])
    protect_tables(aws_client("dynamodb", endpoint), made.tables.values())
    return made


def _verify_sender(endpoint: str, sender_email: str) -> None:
    """Have the sender's domain verified, as its owner would with DNS records; SES sends for nobody else."""
    ses = aws_client("sesv2", endpoint)
    ses.create_email_identity(EmailIdentity=sender_email.partition("@")[2])


def _upload(endpoint: str, template: dict[str, Any], root: Path) -> str:
    s3 = aws_client("s3", endpoint)
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    zips = artifacts(template, root)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda item: s3.put_object(Bucket=ARTIFACTS, Key=f"{item[0]}.zip", Body=item[1]), zips.items()))
    packaged = with_artifacts(template, {name: f"s3://{ARTIFACTS}/{name}.zip" for name in zips})
    s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(packaged).encode())
    return f"{endpoint}/{ARTIFACTS}/template.json"


def _wait_for_stack(cloudformation: Any) -> None:
    while (stack := cloudformation.describe_stacks(StackName=STACK)["Stacks"][0])["StackStatus"] in UNDER_WAY:
        time.sleep(0.1)
    if stack["StackStatus"] == "CREATE_COMPLETE":
        return
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    last = f"the stack ended as {stack['StackStatus']}: {stack.get('StackStatusReason', 'no reason given')}"
    raise DeployFailedError("\n".join([last, *reasons]))
