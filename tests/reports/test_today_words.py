"""What the front page of the desk says of the last issue and of the list: in words, made of figures that are stored."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from newsletter.reports.domain.comparison import compared
from newsletter.reports.domain.issue_result import IssueResult
from newsletter.reports.domain.list_size import list_size


def result(delivered: int | None = 990, left: int | None = 4, bounced: int | None = 10) -> IssueResult:
    return IssueResult(
        slug="2026-12-01-x", title="X", audience=1_000, sent=1_000, delivered=delivered, left=left, bounced=bounced
    )


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (result(), "1,000 it was sent to, as usual. 4 left after it, as usual. 10 bounced, as usual."),
        (result(delivered=900), "It reached 900 of the 1,000 it was sent to: fewer than the usual 99.0 %."),
        (result(left=0), "Nobody left after it: fewer than the usual 4."),
        (result(left=30), "30 left after it: more than the usual 4."),
        (result(bounced=0), "None bounced: fewer than the usual 10."),
        (result(left=6), "6 left after it, as usual."),
        (result(delivered=None), "It was sent to 1,000 of 1,000."),
    ],
)  # fmt: skip
def test_the_last_issue_is_compared_with_the_three_before_it(last: IssueResult, said: str) -> None:
    assert said in " ".join(compared([last, result(), result(), result(), result(left=500)]))


def test_the_first_issue_is_compared_with_nothing_and_what_nobody_counted_is_not_said() -> None:
    assert compared([]) == []
    assert compared([result()]) == ["It reached 990 of the 1,000 it was sent to.", "4 left after it.", "10 bounced."]
    assert compared([result(delivered=None, left=None, bounced=None)]) == ["It was sent to 1,000 of 1,000."]
    assert compared([result(), result(delivered=None, left=None, bounced=None)]) == compared([result()])


def growth(now: int, *numbers: int | None) -> dict[str, Any]:
    first = date(2026, 11, 1)
    days = [{"day": (first + timedelta(days=n)).isoformat(), "on_list": each} for n, each in enumerate(numbers)]
    return {"now": {"on_list": now}, "days": days}


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (growth(1), "One reader is on the list."),
        (growth(1_200, 1_180), "1,200 readers are on the list."),
        (growth(120, *range(100, 120)), "120 readers are on the list, 20 more than two weeks ago."),
        (growth(150, *range(100, 150)), "150 readers are on the list, 29 more than four weeks ago."),
        (growth(90, *[100] * 8), "90 readers are on the list, 10 fewer than a week ago."),
        (growth(100, *[100] * 40), "100 readers are on the list, as many as four weeks ago."),
    ],
)
def test_the_size_of_the_list_is_a_sentence(report: dict[str, Any], said: str) -> None:
    assert list_size(report).sentence == said


def test_the_line_has_a_point_for_each_night_that_was_counted_and_no_more_than_a_quarter_of_a_year() -> None:
    assert list_size(growth(5, 1, None, 3)).points == ((0, 1), (2, 3))
    assert list_size(growth(5, 1)).points == ()
    assert list_size(growth(5, *range(200))).points[0] == (0, 109)
    assert len(list_size(growth(5, *range(200))).points) == 91
