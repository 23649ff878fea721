"""The results of all issues as a CSV file, which spreadsheets open."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from newsletter.readers.importing.domain.formula import guarded
from newsletter.reports.domain.issue_result import IssueResult

COLUMNS = (
    "issue", "title", "sent_at", "audience", "sent", "skipped", "failed", "delivered", "bounced", "automatic_replies",
    "complaints", "left", "joined", "clicked", "useful", "not_useful", "replies",
)  # fmt: skip


def results_csv(issue_results: Iterable[IssueResult]) -> str:
    """Return a line for each issue, with the columns' names above; a cell is empty where nobody measured."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in issue_results:
        sent_at = each.sent_at.isoformat(timespec="seconds") if each.sent_at else ""
        figures = ["" if (figure := getattr(each, name)) is None else figure for name in COLUMNS[3:]]
        writer.writerow([each.slug, guarded(each.title), sent_at, *figures])
    return text.getvalue()
