"""Writing the report of a send, and mailing it to the editors: when the send closes, and two days later.

An hour after the closing it is written as well, to compare what SES took with what SES reported.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.errors import NOTHING_NOW, AccountUnknownError, StoreBusyError, UnknownSendError
from newsletter.feedback.domain.engagement import Engagement
from newsletter.reports.domain.census import Census, count, suppressed
from newsletter.reports.domain.metrics import Metric
from newsletter.reports.domain.receipt import Receipt
from newsletter.reports.domain.report import SECOND_REPORT, BatchTotals, BooksDisagreeError, Facts, issue_report
from newsletter.reports.domain.report_name import GROWTH
from newsletter.reports.domain.reported import COMPARED_AFTER
from newsletter.reports.ports import ReportPorts
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import REPORT_LEASE, Send, SendState


class ReportResult(StrEnum):
    """The outcome of writing a report, as it stands in the log."""

    WRITTEN = "written"
    """The editors have their mail about it already."""
    MAILED = "mailed"
    MAIL_WAITS = "mail waits"
    """SES takes none at the moment; ask again."""
    MAILED_BY_ANOTHER = "mailed by another"
    """Another writer mails it at this moment; later somebody looks whether it did."""
    OPEN = "open"
    """The send is not closed; its closing asks again."""
    FORGOTTEN = "forgotten"
    """What became of single readers is forgotten: the report that stands is the last."""


def write_report(name: str, *, ports: ReportPorts, zone: ZoneInfo, now: datetime) -> ReportResult:
    """Write the report of a closed send; mail it if the editors should have it by now and do not.

    Raises:
        UnknownSendError: There is no such send.
        StoreBusyError: The outcomes changed while they were counted; ask again.
    """
    send = ports.sends.get(name)
    if send is None:
        raise UnknownSendError(f"no send of issue {name}; the message that asks for its report is not one of ours")
    if send.state is not SendState.CLOSED or send.closed_at is None:
        return ReportResult.OPEN
    if send.outcomes_forgotten_at:
        return ReportResult.FORGOTTEN
    try:
        report = issue_report(_facts(send, ports, zone, now), now=now)
    except BooksDisagreeError as exc:
        raise StoreBusyError(str(exc)) from exc
    ports.content.put_report(name, json.dumps(report, ensure_ascii=False))
    if report["reports"]["compared"]:
        ports.metrics.emit({Metric.REPORTS_MISSING: int(report["reports"]["missing"])})
    number = _due(send, now)
    if number == 1 and not send.rehearsal_of:
        # Noted before the mail leaves: cut off between the two, the second report would be forgotten.
        ports.due_reports.add(send.slug, due=send.closed_at + SECOND_REPORT)
        if not report["reports"]["compared"]:
            ports.due_reports.add(send.slug, due=send.closed_at + COMPARED_AFTER)
    if number <= send.reports_mailed:
        return ReportResult.WRITTEN
    return _mailed(send, report, number, ports, now)


def _due(send: Send, now: datetime) -> int:
    """Return how many reports the editors should have by now. A rehearsal has no readers who act later: one."""
    second = send.closed_at is not None and now >= send.closed_at + SECOND_REPORT and not send.rehearsal_of
    return 2 if second and send.reports_mailed else 1


def _mailed(send: Send, report: dict[str, Any], number: int, ports: ReportPorts, now: datetime) -> ReportResult:
    """Mail the report, unless another writer does: a send that closes may be looked at twice at that moment."""
    if ports.sends.change(send.slug, lambda header: header.with_report_claimed(number, now=now)) is None:
        # Perhaps it dies of that, and its message may be ours, delivered twice: then none is left.
        ports.due_reports.add(send.slug, due=now + REPORT_LEASE)
        return ReportResult.MAILED_BY_ANOTHER
    links = ports.links
    mail = ports.editors.mails.mail(
        "editors_report", report=report, number=number, report_url=links.to_report(send.slug, now=now),
        growth_url=links.to_growth(now=now) if ports.content.report(GROWTH) else "",
    )  # fmt: skip
    try:
        ports.editors.send(mail)
    except NOTHING_NOW:
        ports.sends.change(send.slug, Send.with_report_given_back)
        return ReportResult.MAIL_WAITS
    ports.sends.change(send.slug, lambda header: header.with_report_mailed(number))
    return ReportResult.MAILED


def _facts(send: Send, ports: ReportPorts, zone: ZoneInfo, now: datetime) -> Facts:
    record = ports.issues.get(send.issue)
    totals = BatchTotals.of(ports.sends.batches(send.slug))
    counting = partial(count, since=send.opened_at, until=now, zone=zone)
    of_issue = suppressed(
        ports.census.suppressions(), since=send.opened_at, until=now, zone=zone, slug=send.slug
    )  # fmt: skip
    by_reason: Counter[str] = Counter()
    for (_, reason), number in of_issue.items():
        by_reason[reason] += number
    return Facts(
        title=record.title if record else send.issue,
        send=send,
        totals=totals,
        results=ports.evidence.results(send.slug),
        census=sum(ports.census.count_in_parts(counting), Census()),
        suppressed=by_reason,
        receipt=Receipt.of(totals.books.sent, ports.usage.by_function(send.slug)),
        allowance=_allowance(ports),
        engagement=_engagement(send, ports, now),
        responses=None if send.rehearsal_of else ports.responses.of_issue(send.issue),
    )


def _allowance(ports: ReportPorts) -> Allowance | None:
    try:
        return ports.account.allowance()
    except AccountUnknownError:
        return None


def _engagement(send: Send, ports: ReportPorts, now: datetime) -> Engagement | None:
    """Return opens and clicks; two days after the closing, forget who is behind them."""
    if ports.engagement is None or send.closed_at is None:
        return None
    fold = now >= send.closed_at + SECOND_REPORT
    return ports.engagement.fold(send.slug) if fold else ports.engagement.read(send.slug)
