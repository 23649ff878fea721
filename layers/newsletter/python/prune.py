"""Leave of botocore's data what the functions read: of the newest model of each service they call what they ask.

The Makefile beside it runs this on the finished folder. botocore brings the models of four hundred services, gzipped,
and reads those of one whenever a client is made; more than half of what it reads are sentences for its documentation,
and of the rest most is about operations that nobody asks here. As plain JSON without them, a client is made in a
quarter of the time.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "cloudfront": ("CreateInvalidation",),
    "cloudwatch": ("DescribeAlarms",),
    "dynamodb": (
        "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactWriteItems",
        "UpdateItem",
    ),
    "lambda": ("Invoke",),
    "s3": (
        "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject", "GetObject", "HeadBucket",
        "HeadObject", "ListObjectVersions", "ListObjectsV2", "PutObject", "UploadPart",
    ),
    "secretsmanager": ("DescribeSecret", "GetSecretValue"),
    "sesv2": (
        "DeleteSuppressedDestination", "GetAccount", "GetEmailAddressInsights", "GetEmailIdentity",
        "ListSuppressedDestinations", "PutSuppressedDestination", "SendBulkEmail", "SendEmail",
    ),
    "sqs": (
        "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage", "GetQueueAttributes", "ListQueues",
        "ReceiveMessage", "SendMessage", "SendMessageBatch",
    ),
    "ssm": ("GetParameter",),
}  # fmt: skip
"""What the functions ask of each service that they make clients of; a test reads it off their code.

S3 has one more: botocore asks it by itself where a bucket is, if it is sent elsewhere.
"""

FOR_ALL = ("_retry", "endpoints", "partitions", "sdk-default-configuration")
"""Files beside the services that a client of any service reads."""

UNREAD = ("examples-",)
"""Beginnings of names in a service's folder that only documentation is made of."""


def prune(site: Path) -> None:
    """Prune botocore below `site`, where packages were installed.

    Raises:
        FileNotFoundError: There is no botocore, or it lacks one of the services.
    """
    data = site / "botocore" / "data"
    for name in FOR_ALL:
        _rewrite(_one(data, name))
    for service, operations in OPERATIONS.items():
        *old, newest = sorted(path for path in (data / service).iterdir() if path.is_dir())
        for folder in old:
            shutil.rmtree(folder)
        for file in sorted(newest.iterdir()):
            if file.name.startswith(UNREAD):
                file.unlink()
            else:
                _rewrite(file, operations)
    for path in data.iterdir():
        if path.is_dir() and path.name not in OPERATIONS:
            shutil.rmtree(path)


def forget_the_installer(site: Path) -> None:
    """Remove what differs from one build machine to the next: who installed a package, and what was written where."""
    for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        for file in site.glob(f"*.dist-info/{name}"):
            file.unlink()


def _one(data: Path, name: str) -> Path:
    found = [path for path in (data / f"{name}.json", data / f"{name}.json.gz") if path.exists()]
    if not found:
        raise FileNotFoundError(f"botocore has no {name}.json any more; see what takes its place, and change prune.py")
    return found[0]


def _rewrite(file: Path, operations: tuple[str, ...] = ()) -> None:
    content = file.read_bytes()
    read = json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)
    if file.name.startswith("endpoints."):
        for partition in read["partitions"]:
            partition["services"] = {name: each for name, each in partition["services"].items() if name in _HOSTS}
    if operations and file.name.startswith("service-2.json"):
        read = _with_operations(read, operations)
    file.unlink()
    plain = file.with_suffix("") if file.suffix == ".gz" else file
    said = _without_prose(read)
    for parameter in said.get("clientContextParams", {}).values():
        parameter["documentation"] = ""  # botocore reads this sentence with every call of S3, and fails without it
    plain.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


_HOSTS = {*OPERATIONS, "email", "monitoring"}
"""The services by the names of their hosts: SES has `email`, CloudWatch `monitoring`."""


def _with_operations(model: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the model of a service with these operations alone, and the shapes that they are made of."""
    operations = {name: model["operations"][name] for name in names}
    shapes: dict[str, Any] = {}
    waiting = _named_shapes(operations)
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting |= _named_shapes(shapes[name])
    return {**model, "operations": operations, "shapes": shapes}


def _named_shapes(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["shape"]} if isinstance(node.get("shape"), str) else set()
        return own.union(*(_named_shapes(each) for each in node.values()))
    return set().union(*(_named_shapes(each) for each in node)) if isinstance(node, list) else set()


def _without_prose(node: Any) -> Any:
    # Only where it is a sentence: a shape may have a member of that name, which is a mapping then.
    if isinstance(node, dict):
        return {
            key: _without_prose(value)
            for key, value in node.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return [_without_prose(value) for value in node] if isinstance(node, list) else node


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
    forget_the_installer(Path(sys.argv[1]))
