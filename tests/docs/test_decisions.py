"""Each decision is a file that says when, about what and with which standing; the index knows them all."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs/decisions"
INDEX = FOLDER / "README.md"
DECISIONS = sorted(path for path in FOLDER.glob("*.md") if path != INDEX)
WINGS = {
    "all wings", "core", "aws", "web", "readers", "issues", "calendar", "sending", "feedback", "reports", "desk",
    "control", "command line", "laptop",
}  # fmt: skip
ROW = re.compile(r"^\| (\d{4}) \| \[([^\]]+)\]\(([^)]+)\) \| (\d{4}-\d{2}-\d{2}) \|$", re.MULTILINE)

decisions = pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)


def field(text: str, name: str) -> str:
    """Return what a decision says of itself in the list below its title."""
    found = re.search(rf"^- {name}: (.+)$", text, re.MULTILINE)
    assert found is not None, f"no line `- {name}: ...`"
    return found[1]


def parts_of_index() -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of the index by the wing they stand under."""
    parts = re.split(r"^## (.+)$", INDEX.read_text(), flags=re.MULTILINE)[1:]
    return {wing.lower(): ROW.findall(rows) for wing, rows in zip(parts[::2], parts[1::2], strict=True)}


@decisions
def test_a_decision_has_a_title_that_its_name_repeats(decision: Path) -> None:
    title = re.match(r"# (.+)\n", decision.read_text())
    assert title is not None
    words = re.sub(r"[^a-z0-9]+", "-", title[1].lower().replace("'", "")).strip("-")
    assert re.fullmatch(r"\d{4}-" + re.escape(words), decision.stem)


@decisions
def test_a_decision_has_status_date_and_wing(decision: Path) -> None:
    text = decision.read_text()
    assert re.fullmatch(r"proposed|accepted|rejected|superseded by \[?\d{4}.*", field(text, "Status"))
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}(?: \(extended \d{4}-\d{2}-\d{2}\))?", field(text, "Date"))
    assert field(text, "Wing") in WINGS


@decisions
def test_a_decision_has_context_decision_and_consequences(decision: Path) -> None:
    sections = re.split(r"^## (.+)$", decision.read_text(), flags=re.MULTILINE)[1:]
    assert sections[::2] == ["Context", "Decision", "Consequences"]
    assert all(text.strip() for text in sections[1::2])


def test_numbers_are_unique_and_without_a_gap() -> None:
    numbers = Counter(int(path.name[:4]) for path in DECISIONS)
    assert numbers == Counter(range(1, len(DECISIONS) + 1))


def test_the_index_lists_every_decision_under_its_wing() -> None:
    listed = {
        (wing, number, title, file, date)
        for wing, rows in parts_of_index().items()
        for number, title, file, date in rows
    }
    there = set()
    for path in DECISIONS:
        text = path.read_text()
        title = text.splitlines()[0].removeprefix("# ")
        there.add((field(text, "Wing"), path.name[:4], title, path.name, field(text, "Date")[:10]))
    assert listed == there
