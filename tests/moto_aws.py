"""AWS in the process (moto), with the tables and buckets that template.yaml describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml
from moto import mock_aws
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from local.package import SafeLoader

REGION = "eu-west-2"
TEMPLATE = Path(__file__).parent.parent / "template.yaml"

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
}


class _Intrinsics(SafeLoader):  # type: ignore[valid-type,misc]  # which of two is known at run time
    """Reads `!Ref x` as {"Ref": x} and `!GetAtt x.y` as {"Fn::GetAtt": "x.y"}."""


def _intrinsic(loader: _Intrinsics, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Intrinsics.add_multi_constructor("!", _intrinsic)


@cache  # every test that wants AWS asks for it
def template() -> dict[str, Any]:
    """Return template.yaml, with the short forms of intrinsics written out."""
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Intrinsics)  # noqa: S506 - a SafeLoader
    return loaded


TABLES = (
    "SubscribersTable", "IssuesTable", "SendsTable", "SuppressionsTable", "ReceiptsTable", "LimitsTable",
    "TeamTable", "SessionsTable", "ActivitiesTable", "ReviewsTable", "WebhooksTable",
)  # fmt: skip


_made: dict[Callable[[], object], Any] = {}


def made_once(make: Callable[[], object], service: str, what: str, region: str = REGION) -> None:
    """Make something by calls to moto; from the second time on, put a copy where it was: that is far cheaper.

    Args:
        make: Makes it, the same each time.
        service: Whose it is.
        what: The attribute in which moto keeps it.
        region: Where moto keeps it.
    """
    stored = getattr(get_backend(service)[DEFAULT_ACCOUNT_ID][region], what)  # type: ignore[call-overload]
    if make in _made:
        stored.update(deepcopy(_made[make]))
    else:
        make()
        _made[make] = deepcopy(stored)


@contextmanager
def aws_in_process() -> Iterator[None]:
    """Start moto and make every table of the template, under the name of its resource."""
    with mock_aws():
        made_once(make_tables, "dynamodb", "tables")
        yield


def make_buckets() -> None:
    """Make both buckets, under the names that tests have for them."""
    client: Any = boto3.client("s3", region_name=REGION)
    for bucket in ("content", "site"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def make_queue(name: str) -> str:
    """Make a queue, without a call: the copy of one could not be made; return its address."""
    get_backend("sqs")[DEFAULT_ACCOUNT_ID][REGION].create_queue(name)
    return f"https://sqs.{REGION}.amazonaws.com/{DEFAULT_ACCOUNT_ID}/{name}"


def make_tables() -> None:
    """Make every table of the template, under the name of its resource."""
    client = boto3.client("dynamodb", region_name=REGION)
    resources = template()["Resources"]
    for name in TABLES:
        properties = resources[name]["Properties"]
        wanted = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
        client.create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
