"""What a stack is made of: physical names by the words the project uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Resources:
    """Physical names, keyed by words: tables `sends`, queues `plan` and `plan_dead_letters`, functions `fan_out`."""

    api_id: str
    content_bucket: str
    site_bucket: str
    tables: dict[str, str]
    queues: dict[str, str]
    functions: dict[str, str]
    distribution_id: str = ""
    """Of CloudFront; empty without it."""


def described(resources: Iterable[Mapping[str, Any]]) -> Resources:
    """Return the physical names among CloudFormation's resource summaries.

    Shape: [{"LogicalResourceId": "PlanQueue", "PhysicalResourceId": "https://...", "ResourceType": "AWS::SQS::Queue"}].
    """
    made = list(resources)

    def named(kind: str, ending: str) -> dict[str, str]:
        return {
            _snake(resource["LogicalResourceId"].removesuffix(ending)): resource["PhysicalResourceId"]
            for resource in made
            if resource["ResourceType"] == kind
        }

    buckets = named("AWS::S3::Bucket", "Bucket")
    return Resources(
        api_id=named("AWS::ApiGatewayV2::Api", "").get("api", ""),
        content_bucket=buckets.get("content", ""),
        site_bucket=buckets.get("site", ""),
        tables=named("AWS::DynamoDB::Table", "Table"),
        queues=named("AWS::SQS::Queue", "Queue"),
        functions=named("AWS::Lambda::Function", ""),
        distribution_id=named("AWS::CloudFront::Distribution", "").get("distribution", ""),
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
