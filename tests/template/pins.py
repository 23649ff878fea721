"""What of the template must not change under a stack that is in use: written with each release into pinned.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from tests.moto_aws import REGION, template

PINNED = Path(__file__).parent / "pinned.json"

LOST = {
    "AWS::DynamoDB::Table": "CloudFormation makes an empty table, and functions read that; the old one stays behind",
    "AWS::S3::Bucket": "CloudFormation makes an empty bucket; issues and the website stay behind in the old one",
    "AWS::SecretsManager::Secret": "a new key is made: links in old mails stop working, and ids of readers fit nobody",
    "AWS::SQS::Queue": "CloudFormation deletes the old queue with all messages in it; a send in progress stands still",
    "AWS::SES::EmailIdentity": "another identity is made, which sends nothing before its DNS records are there",
    "AWS::SES::ConfigurationSet": "emails on their way name a set that is gone, and SES refuses them",
    "AWS::SNS::Topic": "the policies of queues and the events of SES name the old topic",
    "AWS::CloudFront::Distribution": "the website gets another address, and every link in old mails is dead",
    "AWS::ApiGatewayV2::Api": "the API gets another address; without CloudFront every link in old mails is dead",
}
"""What becomes of a live stack if a resource of this type is renamed, removed, or replaced for a changed property."""

KEPT = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::SES::EmailIdentity")
"""These stay when their resource leaves the template, or is replaced."""

LET_GO: dict[str, str] = {}
"""Resources that the next release takes out of the template on purpose: by name, what becomes of what they held."""

CONDITIONED = {
    "SigningKeys": "WithKeySecrets", "EditorKeys": "WithKeySecrets", "OriginKeys": "WithOriginSecret",
}  # fmt: skip
"""Conditions that the next release adds on purpose: they hold in a stack in use until `KeysIn` is changed."""


def fixed(kind: str) -> list[list[str]]:
    """Return the properties of a type that CloudFormation cannot change without making another resource."""
    schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return [pointer.split("/")[2:] for pointer in schema.get("createOnlyProperties", [])]


def at(properties: Any, path: list[str]) -> Any:
    """Return what stands under a path of names; None if nothing does."""
    for name in path:
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties


def pins_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must not change of a resource."""
    properties = resource.get("Properties", {})
    kind: str = resource["Type"]
    pins = {name: resource[name] for name in ("Type", "Condition") if name in resource}
    pins["kept"] = all(
        resource.get(name, "").startswith("Retain") for name in ("DeletionPolicy", "UpdateReplacePolicy")
    )
    pins |= {"/".join(path): value for path in fixed(kind) if (value := at(properties, path)) is not None}
    if kind == "AWS::SecretsManager::Secret":
        pins["GenerateSecretString"] = properties["GenerateSecretString"]
    if kind == "AWS::DynamoDB::Table":
        pins["KeySchema"] = properties["KeySchema"]
        pins["indexes"] = {each["IndexName"]: each for each in properties.get("GlobalSecondaryIndexes", [])}
    return pins


def pins(described: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what must not change of a template, by resource."""
    return {name: pins_of(resource) for name, resource in described["Resources"].items() if resource["Type"] in LOST}


def breaks(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an update from one set of pins to another would do to a live stack."""
    for name, pinned in earlier.items():
        kind = pinned["Type"]
        found = later.get(name)
        if found is None and name in LET_GO:
            continue
        if found is None:
            yield f"{name} is gone or has another name: {LOST[kind]}."
            continue
        for what in sorted((pinned.keys() | found.keys()) - {"indexes"}):
            on_purpose = what == "Condition" and found.get(what) == CONDITIONED.get(name)
            if pinned.get(what) != found.get(what) and not on_purpose:
                yield f"{name}: {what} was {pinned.get(what)} and is {found.get(what)}: {LOST[kind]}."
        yield from _index_breaks(name, pinned.get("indexes", {}), found.get("indexes", {}))


def _index_breaks(table: str, earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[str]:
    changed = {index for index in earlier.keys() & later.keys() if earlier[index] != later[index]}
    for index in sorted(changed):
        yield f"{table}: index {index} has other keys or attributes: add one of another name, remove this later."
    moved = earlier.keys() ^ later.keys()
    if len(moved) > 1:
        yield (
            f"{table}: indexes {', '.join(sorted(moved))} come or go in one release: DynamoDB makes or deletes one at a"
            " time, so the whole deployment fails and is rolled back. Release them one by one."
        )


def main(release: str) -> None:
    """Write the pins of a release."""
    text = json.dumps({"release": release, "resources": pins(template())}, indent=1, sort_keys=True)
    PINNED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
