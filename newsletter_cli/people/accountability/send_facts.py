"""What sends show: a year's figures, and whether anybody was mailed after leaving."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from newsletter.sending.retention_ports import AT_LEAST
from newsletter_cli.people.accountability.people_facts import A_NIGHT_OR_TWO, Span

if TYPE_CHECKING:
    from newsletter.wiring import App

EVENTS = ("hard_bounce", "soft_bounce", "complaint")


@dataclass(frozen=True, slots=True)
class LateMail:
    """An issue that SES accepted for somebody after they had left, or so it seems."""

    subscriber_id: str
    issue: str
    at_most: timedelta
    """From the leaving to the last write of the batch. SES took the mail before that, perhaps before the leaving."""


def all_sends(app: App) -> list[Send]:
    """Return every send of an issue, oldest first; rehearsals mail no reader."""
    slugs = (issue.slug for status in IssueStatus for issue in app.issues.with_status(status))
    sends = (app.sends.get(slug) for slug in slugs)
    return sorted((send for send in sends if send is not None), key=lambda send: send.opened_at)


def rows_of_sends(app: App, sends: list[Send], year: Span) -> list[dict[str, Any]]:
    """Return the figures of the sends that were closed in the year."""
    return [_row(app, send) for send in sends if send.closed_at in year]


def _row(app: App, send: Send) -> dict[str, Any]:
    books = send.books
    report = json.loads(app.content.report(send.slug) or "{}")
    return {
        "issue": send.slug,
        "opened_at": send.opened_at.isoformat(),
        "closed_at": send.closed_at.isoformat() if send.closed_at else "",
        "audience": books.audience if books else 0,
        "sent": books.sent if books else 0,
        "skipped": sum(books.skipped.values()) if books else 0,
        "failed": sum(books.failed.values()) if books else 0,
        "balanced": bool(books and books.balanced),
        # None where the report is missing: not counted is not none
        **{event: report["events"][event] if report else None for event in EVENTS},
    }


def late_mails(app: App, sends: list[Send], left: Mapping[str, datetime]) -> tuple[list[LateMail], int, int]:
    """Return mails after a leaving, how many sends were looked through, and how many are forgotten already."""
    first = min(left.values(), default=None)
    late: list[LateMail] = []
    looked = forgotten = 0
    for send in sends:
        if first is None or (send.closed_at is not None and send.closed_at < first):
            continue
        if send.outcomes_forgotten_at:
            forgotten += 1
            continue
        looked += 1
        late += _late_in(app, send, left)
    return late, looked, forgotten


def _late_in(app: App, send: Send, left: Mapping[str, datetime]) -> Iterator[LateMail]:
    for batch in app.sends.batches(send.slug):
        for subscriber_id, outcome in zip(batch.ids, batch.outcomes, strict=True):
            left_at = left.get(subscriber_id)
            if outcome is Outcome.SENT and left_at is not None and batch.touched_at > left_at:
                yield LateMail(subscriber_id, send.slug, batch.touched_at - left_at)


def overdue_sends(app: App, sends: list[Send], *, now: datetime) -> int:
    """Return how many sends hold what became of single readers longer than they should."""
    days = app.settings.forget_outcomes_after_days
    longest = max(timedelta(days=days), AT_LEAST) + A_NIGHT_OR_TWO
    return sum(
        bool(days) and send.closed_at is not None and send.outcomes_forgotten_at is None
        and send.closed_at < now - longest
        for send in sends
    )  # fmt: skip
