"""Fixtures of the contract tests: each port in memory and on the real adapter over moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.aws import CREDENTIALS, REGION, aws_in_process


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def dynamodb(credentials: None) -> Iterator[Any]:  # noqa: ARG001 - sets the environment
    with aws_in_process():
        yield boto3.client("dynamodb", region_name=REGION)


@pytest.fixture
def s3(credentials: None) -> Iterator[Any]:  # noqa: ARG001 - sets the environment
    with aws_in_process():
        client: Any = boto3.client("s3", region_name=REGION)
        for bucket in ("content", "site"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield client
