"""Each wish of the users of other systems has an answer: where it is, or the decision that says why it is not."""

from __future__ import annotations

import re
from pathlib import Path

ROWS = re.findall(
    r"^\| (\d+) \|.*\| ([^|]+) \|$", (Path(__file__).parents[2] / "docs/wishes.md").read_text(), re.MULTILINE
)


def test_there_are_twenty_five_of_them() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 26))


def test_each_is_granted_or_leads_to_the_decision_that_does_not_grant_it() -> None:
    for number, answer in ROWS:
        assert answer.startswith("yes") or re.match(r"no[:,].*\(decisions/\d{4}-", answer), number
