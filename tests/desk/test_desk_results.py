"""The results at the desk: every issue in one table, its charts, and the file for spreadsheets."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest

from newsletter.issues.domain.issue import IssueStatus
from newsletter.reports.domain.issue_result import IssueResult, from_report
from newsletter.reports.domain.report import issue_report
from newsletter.reports.domain.results_csv import results_csv
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import NOW
from tests.desk.desk_browser import DeskBrowser
from tests.factories import SLUG, record
from tests.report_samples import LATER, facts

URL = "/desk/results/"
EARLIER = "2026-11-17-earlier"


@pytest.fixture
def two_issues(owner: DeskBrowser) -> DeskBrowser:
    """One issue with its report, and one before whose report is not there: only its books are."""
    app = owner.deployment.app
    app.issues.put(record(status=IssueStatus.SENT, sent_at=NOW), before=None)
    app.content.put_report(SLUG, json.dumps(issue_report(facts(), now=LATER)))
    earlier = NOW - timedelta(days=14)
    app.issues.put(
        record(slug=EARLIER, title="=cmd()", date=date(2026, 11, 17), status=IssueStatus.CANCELLED, sent_at=earlier),
        before=None,
    )
    opened = Send(slug=EARLIER, content_hash="a" * 64, shards=16, opened_at=earlier)
    books = Books(audience=70, sent=60, skipped={"cancelled": 9}, failed={"gave_up": 1})
    app.sends.open(replace(opened, state=SendState.CLOSED, books=books, closed_at=earlier))
    return owner


def test_before_the_first_issue_the_page_says_what_it_will_show(owner: DeskBrowser) -> None:
    assert "Nothing has gone out yet. From the first issue on" in owner.get(URL).words
    assert "There are no older issues." in owner.get(f"{URL}?page=2").words


def test_new_readers_are_counted_by_where_they_signed_up(two_issues: DeskBrowser) -> None:
    words = two_issues.get(URL).words

    assert (
        "14 · www.example.org/about 6 · the archive’s front page 3 · footer 2 · added or imported by the team" in words
    )


def test_a_report_from_before_sources_were_counted_is_read(two_issues: DeskBrowser) -> None:
    report = issue_report(facts(), now=LATER)
    del report["list"]["joined_from"]
    two_issues.deployment.app.content.put_report(SLUG, json.dumps(report))

    page = two_issues.get(URL)

    assert (page.status, "where they signed up" in page.words) == (200, False)


def test_every_issue_has_its_line_and_what_nobody_measured_is_a_dash(two_issues: DeskBrowser) -> None:
    words = two_issues.get(URL).words
    report = issue_report(facts(), now=LATER)
    bounced = sum(report["events"][kind] for kind in ("hard_bounce", "soft_bounce"))
    replies = report["reasons"]["soft_bounce"]["automatic_reply"]

    assert replies > 0
    assert words.index("More for more") < words.index("=cmd()")
    row = words.partition("More for more")[2].partition("=cmd()")[0]
    assert f" {bounced - replies} {report['events']['complaint']} {report['list']['left']} " in row
    assert "=cmd() Tuesday 17 November 2026 at 09:00 · still coming in 70 60 9 1 – – – – –" in words
    assert "Clicks are off" in words
    assert f"{replies} automatic replies came back." in words


def test_each_issue_leads_to_its_report(two_issues: DeskBrowser) -> None:
    body = two_issues.get(URL).body

    assert f'href="https://briefing.example.org/report?issue={SLUG}&amp;token=' in body


def test_charts_have_a_bar_for_each_issue_that_has_the_figure(two_issues: DeskBrowser) -> None:
    body = two_issues.get(URL).body

    assert body.count("<figure") == 1  # two were sent; only one has any other figure
    assert body.partition("<figure")[2].partition("</figure>")[0].count("<rect") == 2


def test_the_file_holds_every_issue_and_no_formula(two_issues: DeskBrowser) -> None:
    answer = two_issues.get(f"{URL}export/")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="results-')
    first, second = csv.DictReader(StringIO(answer.body.removeprefix("\ufeff")))
    assert (first["issue"], first["title"]) == (SLUG, issue_report(facts(), now=LATER)["title"])
    assert (second["title"], second["sent"], second["bounced"], second["clicked"]) == ("'=cmd()", "60", "", "")


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_title_is_run_by_a_spreadsheet(title: str) -> None:
    (line,) = csv.DictReader(StringIO(results_csv([IssueResult(slug=SLUG, title=title)])))

    assert line["title"] == f"'{title}"


def test_a_report_of_an_older_version_is_read_too() -> None:
    report = issue_report(facts(), now=LATER)
    for name in ("engagement", "reasons", "settled", "receipt"):
        del report[name]
    del report["list"]["left_because"]

    result = from_report(SLUG, report, sent_at=None)

    assert (result.clicked, result.settled, result.left_because, result.automatic_replies) == (None, False, {}, 0)
    assert result.sent_at == NOW


def test_older_issues_are_on_another_page(owner: DeskBrowser) -> None:
    for number in range(27):
        slug, day = f"2026-01-{number + 1:02d}-issue", date(2026, 1, number + 1)
        owner.deployment.app.issues.put(
            record(slug=slug, title=f"Issue {number}.", date=day, status=IssueStatus.SENT, sent_at=NOW), before=None
        )

    first, second = owner.get(URL), owner.get(f"{URL}?page=2")

    assert "Issue 26." in first.words
    assert "Issue 0." not in first.words
    assert "Older issues" in first.words
    assert "Issue 0." in second.words
    assert "Older issues" not in second.words
