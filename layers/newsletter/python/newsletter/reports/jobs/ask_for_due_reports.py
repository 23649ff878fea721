"""Asking for the reports that are due: an hour after a send closed, and two days after."""

from __future__ import annotations

from datetime import datetime

from newsletter.sending.ports import DueReports, ReportQueue


def ask_for_due_reports(*, due_reports: DueReports, report_queue: ReportQueue, now: datetime) -> list[str]:
    """Queue what is due, then forget that it is; return the sends.

    Cut off between the two it is asked for twice, and mailed once: the header says what was mailed.
    """
    due = due_reports.due_by(now)
    slugs = list(dict.fromkeys(slug for slug, _ in due))
    for slug in slugs:
        report_queue.report(slug)
    for slug, at in due:
        due_reports.remove(slug, due=at)
    return slugs
