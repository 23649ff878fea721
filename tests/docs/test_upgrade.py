"""The page about upgrades is true: releases, parameters and records are those of changelog, template and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.moto_aws import template
from tests.template.pins import at, fixed
from tests.upgrade.record_types import RECORD_TYPES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/upgrade.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
STACK = template()
PARAMETERS: dict[str, Any] = STACK["Parameters"]


def rows(heading: str) -> dict[str, list[str]]:
    """Return the table below a heading, by its first column."""
    below = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in below.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in table[2:]}


ROWS = {name.strip("`"): row for name, row in rows("Parameters in mid-send").items()}


def names_in(part: Any) -> Iterator[str]:
    """Yield every parameter on which a part of the template hangs, also by a condition."""
    if isinstance(part, list):
        for each in part:
            yield from names_in(each)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name in ("Ref", "Condition", "Fn::GetAtt") and isinstance(value, str):
            yield from [value] if value in PARAMETERS else names_in(STACK["Conditions"].get(value))
        elif name == "Fn::Sub":
            text, *values = value if isinstance(value, list) else [value]
            yield from (each for each in re.findall(r"\$\{(\w+)\}", text) if each in PARAMETERS)
            yield from names_in(values)
        elif name == "Fn::If":
            yield from names_in(STACK["Conditions"][value[0]])
            yield from names_in(value[1:])
        else:
            yield from names_in(value)


IN_FUNCTIONS = set(names_in(STACK["Globals"]["Function"]["Environment"])) | {
    name
    for resource in STACK["Resources"].values()
    if resource["Type"] == "AWS::Serverless::Function"
    for name in names_in(resource["Properties"].get("Environment", {}))
}


def made_or_replaced(parameter: str) -> set[str]:
    """Return the resources that come, go, or are made anew when a parameter changes."""
    found = set()
    for name, resource in STACK["Resources"].items():
        if resource["Type"].startswith(("AWS::Serverless::", "AWS::CloudWatch::", "AWS::Logs::")):
            continue  # functions stay whatever changes, and alarms and numbers hold nothing
        parts = [at(resource.get("Properties", {}), path) for path in fixed(resource["Type"])]
        if parameter in {*names_in({"Condition": resource.get("Condition", "")}), *names_in(parts)}:
            found.add(name)
    return found


def elsewhere(parameter: str) -> bool:
    """Return whether it stands anywhere beside the environment of functions."""
    return any(
        parameter in names_in({name: part for name, part in resource.items() if name != "Metadata"})
        for resource in STACK["Resources"].values()
    )


def test_each_parameter_has_a_row_and_each_row_a_parameter() -> None:
    assert list(ROWS) == list(PARAMETERS)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_a_row_says_what_the_parameter_reaches_and_what_becomes_of_an_open_send(parameter: str) -> None:
    reaches, in_mid_send, replaced = ROWS[parameter]

    assert ("functions" in reaches, "resources" in reaches) == (parameter in IN_FUNCTIONS, elsewhere(parameter))
    assert in_mid_send
    assert {name for name in re.findall(r"`(\w+)`", replaced) if name in STACK["Resources"]} == made_or_replaced(
        parameter
    )


def test_the_releases_of_the_page_are_those_of_the_changelog() -> None:
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", CHANGELOG, re.MULTILINE)

    assert [(release, row[0]) for release, row in rows("Releases").items()] == released


def test_the_records_of_the_page_are_those_of_the_code() -> None:
    said = {name: row[0].strip("`") for names, row in rows("Records").items() for name in re.findall(r"`(\w+)`", names)}

    assert said == {name: kind.stands_in for name, kind in RECORD_TYPES.items()}


def test_each_record_is_read_by_functions_that_are_there_and_since_a_release() -> None:
    releases = {*rows("Releases"), "next"}  # what is in no release yet gets its number with the next one
    functions = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    for _, since, readers in rows("Records").values():
        assert since in releases
        assert set(re.findall(r"`(\w+)`", readers)) <= functions
