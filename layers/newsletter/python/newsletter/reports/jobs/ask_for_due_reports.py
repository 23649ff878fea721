"""Asking for the second report of every send that closed two days ago."""

from __future__ import annotations

from datetime import datetime

from newsletter.sending.ports import DueReports, ReportQueue


def ask_for_due_reports(*, due_reports: DueReports, report_queue: ReportQueue, now: datetime) -> list[str]:
    """Queue what is due, then forget that it is; return the sends.

    Cut off between the two it is asked for twice, and mailed once: the header says what was mailed.
    """
    due = due_reports.due_by(now)
    for slug, at in due:
        report_queue.report(slug)
        due_reports.remove(slug, due=at)
    return [slug for slug, _ in due]
