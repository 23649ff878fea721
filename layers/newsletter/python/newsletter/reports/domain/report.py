"""The report of a send: what became of an issue, in figures that cannot contradict its books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from newsletter.feedback.domain.engagement import Engagement
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.feedback.domain.response import Responses
from newsletter.feedback.domain.results import IssueResults
from newsletter.reports.domain.census import Census
from newsletter.reports.domain.receipt import Receipt
from newsletter.reports.domain.reported import Reported
from newsletter.reports.domain.sign_up_source import most_common_sources
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books, Tally
from newsletter.sending.domain.forecast import fees
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.reach import Reach
from newsletter.sending.domain.send import Send
from newsletter.sending.readers_of_issue import readers_of_send

VERSION = 1
"""Of the JSON; it is counted on when a field changes its meaning, and not when one is added."""

SECOND_REPORT = timedelta(hours=48)
"""After the closing. By then nearly everything that bounces has bounced, and most who leave over an issue have left."""

LONGEST_CHART = 48
"""Bars: more are thinner than two pixels on a telephone."""

FEWEST_BARS = 12
"""Of a short send; a single bar over the whole page shows nothing."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
"""Minutes a bar may stand for: people can say these."""

WITH_A_REASON = (FeedbackKind.HARD_BOUNCE, FeedbackKind.SOFT_BOUNCE, FeedbackKind.COMPLAINT)
COUNTED = (
    FeedbackKind.DELIVERED, *WITH_A_REASON, FeedbackKind.DELAYED, FeedbackKind.REJECTED, FeedbackKind.RENDERING_FAILED,
)  # fmt: skip
"""What the report tells; opens and clicks have a section of their own."""


class BooksDisagreeError(ValueError):
    """The outcomes do not add up to the books: somebody writes at this moment, and the report has to wait."""


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """Sums over the batches of a send: their books, and how many mails SES accepted in which minute."""

    books: Books
    minutes: Mapping[datetime, int]
    """Mails that SES accepted, by the minute in which their batch was last written."""

    @classmethod
    def of(cls, batches: Iterable[Batch]) -> BatchTotals:
        """Count the batches in one pass and bounded memory."""
        counted, minutes = Tally(), Counter[datetime]()
        for batch in batches:
            counted.add(batch)
            if sent := sum(outcome is Outcome.SENT for outcome in batch.outcomes):
                minutes[batch.touched_at.replace(second=0, microsecond=0)] += sent
        return cls(counted.books, minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a report is made of."""

    title: str
    send: Send
    totals: BatchTotals
    results: IssueResults
    census: Census
    suppressed: Mapping[str, int]
    """By reason; what this issue brought to light, and who asked to be forgotten since."""
    receipt: Receipt
    allowance: Allowance | None
    """None when SES did not say."""
    engagement: Engagement | None = None
    """None when opens and clicks are not measured, or nobody did anything yet."""
    responses: Responses | None = None
    """None when nobody said anything."""


def issue_report(facts: Facts, *, now: datetime) -> dict[str, Any]:
    """Return the report as JSON has it.

    Raises:
        BooksDisagreeError: The send is not closed, or its outcomes are not those of its books any more.
    """
    send, totals = facts.send, facts.totals
    if send.books is None or send.closed_at is None:
        raise BooksDisagreeError(f"the books of {send.slug} are not closed")
    if _plain(totals.books) != _plain(send.books) or sum(totals.minutes.values()) != send.books.sent:
        raise BooksDisagreeError(f"the outcomes of {send.slug} are not those of its books")
    return {
        "version": VERSION,
        "send": send.slug,
        "issue": send.issue,
        "title": facts.title,
        "rehearsal": bool(send.rehearsal_of),
        "cancelled_because": send.cancelled_because,
        "one_by_one_because": send.one_by_one_because,
        "made_at": now.isoformat(),
        "settled": now >= send.closed_at + SECOND_REPORT,
        "opened_at": send.opened_at.isoformat(),
        "closed_at": send.closed_at.isoformat(),
        "books": asdict(send.books),
        "audience_expression": send.audience,
        "goes_to": readers_of_send(send).in_words,
        "audience_is_whole": send.audience_is_whole,
        "reach": Reach.of(send, send.books).plain(),
        "pace": _pace(facts, send.books, send.closed_at),
        "expected": _expected(send),
        "reports": Reported.of(send, facts.results, now=now).plain(),
        "events": {str(kind): facts.results.totals.get(kind, 0) for kind in COUNTED},
        "reasons": {str(kind): _reasons(facts.results, kind) for kind in WITH_A_REASON},
        "providers": _providers(facts.results),
        "sending": _sending(facts),
        "afterwards": _afterwards(facts, now),
        "list": {
            "on_list": facts.census.on_list,
            "joined": facts.census.joined.total(),
            "joined_from": most_common_sources(facts.census.joined_from),
            "left": facts.census.left.total(),
            "left_because": dict(facts.census.left_because.most_common()),
            "suppressed": dict(facts.suppressed),
        },
        "engagement": facts.engagement.plain() if facts.engagement else None,
        "responses": facts.responses.plain() if facts.responses else None,
        "receipt": facts.receipt.as_json(),
    }


def _plain(books: Books) -> dict[str, Any]:
    """Return what has to agree; books that an older version closed do not know who may have been mailed twice."""
    return asdict(books) | {"perhaps_twice": 0}


def _pace(facts: Facts, books: Books, closed_at: datetime) -> dict[str, Any]:
    send, allowance = facts.send, facts.allowance
    last = max(facts.totals.minutes, default=None)
    # The minute of the last mail is over a minute later; nothing is known more exactly.
    took = min(last + timedelta(minutes=1), closed_at) - send.opened_at if last else timedelta(0)
    seconds = max(took.total_seconds(), 1.0)
    per_second = books.sent / seconds
    daily = None if allowance is None or allowance.unlimited else allowance.per_day
    return {
        "seconds": round((closed_at - send.opened_at).total_seconds()),
        "mailing_seconds": round(seconds) if last else 0,
        "per_second": round(per_second, 2),
        "allowed_per_second": allowance.per_second if allowance else None,
        "allowed_per_day": daily,
        "share_of_day": round(books.sent / daily, 4) if daily else None,
    }


def _expected(send: Send) -> dict[str, Any] | None:
    """Return what was forecast; None when nothing was, or when this is not the first try any more."""
    if send.forecast is None or send.expected_end is None:
        return None
    return {
        "recipients": send.forecast.recipients,
        "seconds": round(send.forecast.duration.total_seconds()),
        "usd": sum(fees(send.forecast.recipients)),
    }


def _reasons(results: IssueResults, kind: FeedbackKind) -> dict[str, int]:
    found = {str(reason): number for (of, reason), number in results.reasons.items() if of is kind}
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _providers(results: IssueResults) -> list[dict[str, Any]]:
    kinds = (FeedbackKind.DELIVERED, *WITH_A_REASON)
    rows = [
        {"provider": str(provider)} | {str(kind): results.providers.get((kind, provider), 0) for kind in kinds}
        for provider in Provider
    ]
    return [row for row in rows if any(row[str(kind)] for kind in kinds)]


def _sending(facts: Facts) -> dict[str, Any]:
    """Return what was handed over and delivered from the opening to the last mail, in equal steps."""
    minutes = facts.totals.minutes
    first = _minute(facts.send.opened_at)
    last = max(minutes, default=first)
    step = _step(first, last)
    delivered = {at: n for (kind, at), n in facts.results.minutes.items() if kind is FeedbackKind.DELIVERED}
    within = {at: n for at, n in delivered.items() if at < last + step}
    bars = _bars(first, max(last, first + (FEWEST_BARS - 1) * step), step)
    return {
        "from": first.isoformat(),
        "step_minutes": step // timedelta(minutes=1),
        "handed": bars(minutes),
        "delivered": bars(within) if delivered else None,
        "delivered_later": sum(delivered.values()) - sum(within.values()),
    }


def _afterwards(facts: Facts, now: datetime) -> dict[str, Any]:
    """Return what came back from the opening until now: bounces, complaints and leavings."""
    first = facts.send.opened_at.replace(minute=0, second=0, microsecond=0)
    bad = (FeedbackKind.HARD_BOUNCE, FeedbackKind.SOFT_BOUNCE)
    bounced = Counter[datetime]()
    complained = Counter[datetime]()
    for (kind, at), number in facts.results.minutes.items():
        if kind in bad:
            bounced[at] += number
        elif kind is FeedbackKind.COMPLAINT:
            complained[at] += number
    last = max(now, *bounced, *complained, *facts.census.left_at, first)
    step = max(_step(first, last), timedelta(hours=1))
    bars = _bars(first, last, step)
    return {
        "from": first.isoformat(),
        "step_minutes": step // timedelta(minutes=1),
        "bounced": bars(bounced),
        "complained": bars(complained),
        "left": bars(facts.census.left_at),
    }


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _step(first: datetime, last: datetime) -> timedelta:
    whole = (last - first) // timedelta(minutes=1) + 1
    days = -(-whole // (LONGEST_CHART * 1440))
    fits = (step for step in STEPS if step * LONGEST_CHART >= whole)
    return timedelta(minutes=next(fits, days * 1440))


def _bars(first: datetime, last: datetime, step: timedelta) -> Callable[[Mapping[datetime, int]], list[int]]:
    """Return a function that puts counts by moment into equal steps; what is outside counts in the nearest one."""
    bars = (last - first) // step + 1

    def put(counts: Mapping[datetime, int]) -> list[int]:
        heights = [0] * bars
        for at, number in counts.items():
            heights[min(max((at - first) // step, 0), bars - 1)] += number
        return heights

    return put
