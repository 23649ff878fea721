"""Leave of botocore's data what the functions read: the newest model of each service they call, without its prose.

The Makefile beside it runs this on the finished folder. botocore brings the models of four hundred services, gzipped,
and reads those of one whenever a client is made; more than half of what it reads are sentences for its documentation,
and the addresses of all services in all regions. As plain JSON without them, a client is made in a third of the time.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SERVICES = ("cloudfront", "cloudwatch", "dynamodb", "lambda", "s3", "secretsmanager", "sesv2", "sqs")
"""What the functions make clients of; a test reads it off their code."""

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
    for service in SERVICES:
        *old, newest = sorted(path for path in (data / service).iterdir() if path.is_dir())
        for folder in old:
            shutil.rmtree(folder)
        for file in sorted(newest.iterdir()):
            if file.name.startswith(UNREAD):
                file.unlink()
            else:
                _rewrite(file)
    for path in data.iterdir():
        if path.is_dir() and path.name not in SERVICES:
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


def _rewrite(file: Path) -> None:
    content = file.read_bytes()
    read = json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)
    if file.name.startswith("endpoints."):
        for partition in read["partitions"]:
            partition["services"] = {name: each for name, each in partition["services"].items() if name in _HOSTS}
    file.unlink()
    plain = file.with_suffix("") if file.suffix == ".gz" else file
    said = _without_prose(read)
    for parameter in said.get("clientContextParams", {}).values():
        parameter["documentation"] = ""  # botocore reads this sentence with every call of S3, and fails without it
    plain.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


_HOSTS = {*SERVICES, "email", "monitoring"}
"""The services by the names of their hosts: SES has `email`, CloudWatch `monitoring`."""


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
