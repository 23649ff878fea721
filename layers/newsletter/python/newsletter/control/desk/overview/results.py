"""What became of the issues that went out: all in one table, as small charts, and as a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from newsletter.control.desk.request import Answer, DeskRequest, File, Route, Show
from newsletter.core.slot import in_words
from newsletter.desk.domain.act import Act
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.reports.domain.issue_result import IssueResult, from_books, from_report
from newsletter.reports.domain.report_name import GROWTH
from newsletter.reports.domain.results_csv import results_csv
from newsletter.reports.domain.sign_up_source import SOURCE_WORDS
from newsletter.sending.domain.books import Books
from newsletter.wiring import App

RESULTS = "/desk/results/"

ON_A_PAGE = 26
"""A year of fortnights."""

AT_ONCE = 8
"""Reports that are read side by side: one takes as long as a page may."""

MARK = "\ufeff"
"""Without it Excel takes UTF-8 for something older, and spoils every letter with an accent."""

CHARTS = (
    ("sent", "Sent", "emails"),
    ("bounced", "Bounced", "emails"),
    ("left", "Unsubscribed after it", "readers"),
    ("joined", "New readers after it", "readers"),
    ("clicked", "Clicks by people", "clicks"),
)
"""What is drawn: the figure, its title, its unit."""


def show(request: DeskRequest) -> Answer:
    """Show the newest results, or a page of older ones."""
    app, records = request.app, gone_out(request.app)
    page = int(asked) if (asked := request.query.get("page", "")).isdecimal() and len(asked) < 4 else 1
    shown = records[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    results = read_results(app, shown)
    links, now = app.report_links, request.now
    return Show(
        "results",
        {
            "rows": [(each, _when(each, app), links.to_report(each.slug, now=now)) for each in results],
            "charts": [
                (name, title, unit, figures)
                for name, title, unit in CHARTS
                if len(figures := _figures(results, name)) > 1
            ],
            "page": page,
            "older": len(records) > page * ON_A_PAGE,
            "places": SOURCE_WORDS,
            "measured": app.settings.engagement != "off",
            "growth_url": links.to_growth(now=now) if app.content.report(GROWTH) else "",
        },
    )


def export(request: DeskRequest) -> Answer:
    """Hand out the results of every issue as a CSV file."""
    text = results_csv(read_results(request.app, gone_out(request.app)))
    name = f"results-{request.now:%Y-%m-%d}.csv"
    return File(MARK + text, "text/csv; charset=utf-8", {"Content-Disposition": f'attachment; filename="{name}"'})


def gone_out(app: App) -> list[IssueRecord]:
    """Return the issues that were sent, or begun to be, the newest first."""
    records = [*app.issues.with_status(IssueStatus.SENT), *app.issues.with_status(IssueStatus.CANCELLED)]
    return sorted(records, key=lambda record: (record.date, record.slug), reverse=True)


def read_results(app: App, gone: Sequence[IssueRecord]) -> list[IssueResult]:
    """Return what became of these issues, in their order."""

    def read(record: IssueRecord) -> IssueResult:
        stored = app.content.report(record.slug)
        if stored is not None:
            return from_report(record.slug, json.loads(stored), sent_at=record.sent_at)
        send = app.sends.get(record.slug)
        return from_books(record, send.books if send and send.books else Books(0))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(read, gone))


def _figures(results: Sequence[IssueResult], name: str) -> list[tuple[IssueResult, int]]:
    """Return one figure of each issue that has it, the oldest first, as charts are read."""
    return [(each, figure) for each in reversed(results) if (figure := getattr(each, name)) is not None]


def _when(result: IssueResult, app: App) -> str:
    return in_words(result.sent_at.astimezone(app.rhythm.time_zone)) if result.sent_at else ""


ROUTES = (
    Route("GET", RESULTS, Act.LOOK, show),
    Route("GET", f"{RESULTS}export/", Act.LOOK, export),
)
