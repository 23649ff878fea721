"""The figures that the docs point to: there, whole, and within the bounds that do not hang on a machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent.parent.parent / "bench" / "results" / "latest.json"


def results() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(RESULTS.read_text())
    return loaded


def test_a_long_issue_with_pictures_was_published_and_its_calls_counted() -> None:
    publish = results()["publish"]
    assert (publish["words"], publish["pictures"]) == (5000, 5)
    assert publish["ms"] > 0
    assert publish["aws_calls"] == sum(publish["calls"].values()) > 0
    assert publish["html_bytes"] < 102 * 1000, "Gmail would cut it off"


def test_one_more_issue_costs_the_same_in_a_young_archive_and_in_an_old_one() -> None:
    young, old = results()["archive"]["10"], results()["archive"]["2000"]
    # The feeds carry twenty issues, and a young archive has not got so many.
    assert old["aws_calls"] - young["aws_calls"] <= 20
    assert old["calls"]["dynamodb"] == young["calls"]["dynamodb"]
