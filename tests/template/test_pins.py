"""An update of a stack in use replaces, renames and deletes nothing that holds data, keys, messages or addresses."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.moto_aws import template
from tests.template.pins import CONDITIONED, KEPT, LET_GO, PINNED, breaks, pins
from tests.template.translated import Written

ROOT = Path(__file__).parents[2]
RECORDED = json.loads(PINNED.read_text(encoding="utf-8"))
EARLIER: dict[str, dict[str, Any]] = RECORDED["resources"]


def test_the_template_updates_the_stacks_of_the_last_release_in_place() -> None:
    assert list(breaks(EARLIER, pins(template()))) == []


def test_what_is_pinned_is_the_last_release() -> None:
    releases = re.findall(r"^## \[(\d[\d.]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert releases[0] == RECORDED["release"]


def test_whatever_holds_data_keys_or_addresses_stays_when_its_stack_goes() -> None:
    lost = {name for name, pinned in pins(template()).items() if pinned["Type"] in KEPT and not pinned["kept"]}

    assert lost == {"OriginKeys"}  # the secret between CloudFront and the API, made anew with the distribution


def test_nothing_is_let_go_that_is_still_there() -> None:
    assert LET_GO.keys() <= EARLIER.keys() - pins(template()).keys()
    assert all(LET_GO.values())


@pytest.mark.parametrize("cloudfront", ["true", "false"])
def test_a_condition_that_was_added_holds_in_a_stack_in_use_where_the_old_one_did(cloudfront: str) -> None:
    stack = Written({"EnableCloudFront": cloudfront})
    for name, condition in CONDITIONED.items():
        before = EARLIER[name].get("Condition")
        assert stack.holds(condition) is (before is None or stack.holds(before)), name


@pytest.mark.parametrize(
    ("name", "what", "value", "message"),
    [
        ("AddressKey", "GenerateSecretString", {"PasswordLength": 32}, "a new key is made"),
        ("SubscribersTable", "KeySchema", [], "an empty table"),
        ("SubscribersTable", "TableName", "subscribers", "an empty table"),
        ("ContentBucket", "BucketName", "content", "an empty bucket"),
        ("ContentBucket", "kept", False, "an empty bucket"),
        ("BatchQueue", "QueueName", "batches", "deletes the old queue"),
    ],
)
def test_a_change_that_would_replace_something_is_named_with_what_it_does(
    name: str, what: str, value: Any, message: str
) -> None:
    later = deepcopy(EARLIER)
    later[name][what] = value

    (found,) = breaks(EARLIER, later)

    assert found.startswith(f"{name}: {what} was ")
    assert message in found


def test_a_renamed_resource_is_a_lost_one() -> None:
    later = deepcopy(EARLIER)
    later["Readers"] = later.pop("SubscribersTable")

    assert [found.split(":")[0] for found in breaks(EARLIER, later)] == ["SubscribersTable is gone or has another name"]


def test_one_index_of_a_table_changes_in_a_release() -> None:
    later = deepcopy(EARLIER)
    indexes = later["SubscribersTable"]["indexes"]
    indexes["third"] = {"IndexName": "third"}
    assert list(breaks(EARLIER, later)) == []

    removed = next(iter(EARLIER["SubscribersTable"]["indexes"]))
    del indexes[removed]
    (both,) = breaks(EARLIER, later)
    assert "DynamoDB makes or deletes one at a time" in both

    del indexes["third"]
    indexes[removed] = {"IndexName": removed}
    (changed,) = breaks(EARLIER, later)
    assert f"index {removed} has other keys" in changed
