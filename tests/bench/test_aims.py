"""The table of aims says yes where a figure reaches its bound, no where it does not, and nothing of what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.__main__ import PARTS, RESULTS
from bench.aims import AIMS, COLUMNS, Aim, Figure, Verdict, as_text, judge, rows

PAGES: dict[str, Any] = {
    "pages": {"one": {"p50_ms": 4, "p99_ms": 6, "calls": 3}, "two": {"p50_ms": 5, "p99_ms": 20, "calls": 3}},
    "send": {"rate": 950, "share": 0.41},
}


def test_each_aim_is_about_something_that_is_measured() -> None:
    found = json.loads(RESULTS.read_text())
    keys = {key for aim in AIMS for key in (*aim.keys, aim.share) if key}
    missing = {key for key in keys if judge(Aim("", "", (key,), 0, ""), found).verdict is Verdict.NOT_MEASURED}

    assert missing == set()


def test_each_aim_has_a_reason_and_a_line_of_its_own() -> None:
    assert all(aim.reason.endswith(".") for aim in AIMS)
    assert len({(aim.subject, aim.what) for aim in AIMS}) == len(AIMS)


@pytest.mark.parametrize(
    ("aim", "figure", "verdict"),
    [
        (Aim("", "", ("send.rate",), 950, "", at_least=True), 950, Verdict.YES),
        (Aim("", "", ("send.rate",), 951, "", at_least=True), 950, Verdict.NO),
        (Aim("", "", ("pages.one.p99_ms",), 6, ""), 6, Verdict.YES),
        (Aim("", "", ("pages.*.p99_ms",), 19.9, ""), 20, Verdict.NO),
        (Aim("", "", ("pages.*.p50_ms",), 4.5, "", at_least=True), 4, Verdict.NO),
        (Aim("", "", ("pages.*.p50_ms", "send.rate"), 959, "", figure=Figure.SUM), 959, Verdict.YES),
        (Aim("", "", ("pages.*.calls",), 0, "", figure=Figure.SPREAD), 0, Verdict.YES),
        (Aim("", "", ("pages.*.p50_ms",), 0, "", figure=Figure.SPREAD), 1, Verdict.NO),
        (Aim("", "", ("pages.*.p99_ms", "pages.*.p50_ms"), 2, "", figure=Figure.RATIO), 4, Verdict.NO),
        (Aim("", "", ("pages.three.p99_ms",), 1_000, ""), None, Verdict.NOT_MEASURED),
        (Aim("", "", ("pages.*.p90_ms",), 1_000, ""), None, Verdict.NOT_MEASURED),
        (Aim("", "", ("send.rate", "send.calls"), 10_000, "", figure=Figure.SUM), None, Verdict.NOT_MEASURED),
        (Aim("", "", ("pages.one",), 1_000, ""), None, Verdict.NOT_MEASURED),
    ],
)
def test_a_figure_is_judged_by_its_bound(aim: Aim, figure: float | None, verdict: Verdict) -> None:
    judged = judge(aim, PAGES)

    assert (judged.figure, judged.verdict) == (figure, verdict)


def test_a_share_of_the_limit_stands_beside_the_figure_it_is_of() -> None:
    assert judge(Aim("", "", ("send.rate",), 1, "", share="send.share"), PAGES).share == 0.41
    assert judge(Aim("", "", ("send.rate",), 1, "", share="send.nothing"), PAGES).share is None


def test_of_nothing_that_was_measured_nothing_is_reached() -> None:
    assert {row[-1] for row in rows({})} == {Verdict.NOT_MEASURED}


def test_the_table_fits_a_terminal_of_eighty_columns() -> None:
    lines = as_text(json.loads(RESULTS.read_text())).splitlines()

    assert len(lines) == len(AIMS) + 1
    assert max(map(len, [*lines, *as_text({}).splitlines()])) <= 80
    assert lines[0].split() == list(COLUMNS)


def test_no_part_of_the_bench_bears_the_name_of_another() -> None:
    names = [part.__name__ for part in PARTS]
    assert len(set(names)) == len(names)
