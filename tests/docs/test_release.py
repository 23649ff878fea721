"""The version stands in one place, and the changelog tells of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADINGS = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}", HEADINGS[1])
    assert newest is not None
    assert newest[1] == version


def test_what_is_not_released_stands_above_the_releases() -> None:
    assert HEADINGS[0] == "[Unreleased]"
    assert len(HEADINGS) == len(set(HEADINGS))
