"""A send of a few thousand mails with everything that can happen to one, and its report; nothing in it is by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.feedback.domain.engagement import Count, Engagement, MachineSign
from newsletter.feedback.domain.feedback import FeedbackKind, Reason, RecordedEvent
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.feedback.domain.response import Responses
from newsletter.feedback.domain.results import IssueResults
from newsletter.reports.domain.census import Census
from newsletter.reports.domain.growth import grown
from newsletter.reports.domain.receipt import Receipt
from newsletter.reports.domain.report import BatchTotals, Facts, issue_report
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import Send, SendState
from newsletter.sending.domain.usage import Usage
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id

ALLOWANCE = Allowance(per_second=14, per_day=50_000, left_today=50_000)
LATER = NOW + timedelta(hours=50)
OTHERWISE = {7: Outcome.LEFT, 19: Outcome.SUPPRESSED, 31: Outcome.PAUSED, 43: Outcome.REJECTED}
"""The place in a batch of whoever is not mailed, in one batch of three."""

PROVIDERS = (Provider.GOOGLE, Provider.GOOGLE, Provider.MICROSOFT, Provider.OTHER, Provider.APPLE, Provider.YAHOO)


def batches(number: int) -> Iterator[Batch]:
    """Yield batches of fifty, three and a half seconds apart."""
    for place in range(number):
        at = NOW + timedelta(seconds=5 + place * 3.6 + (400 if place > 70 else 0))
        ids = tuple(an_id(place * 50 + each) for each in range(50))
        outcomes = {who: Outcome.SENT for who in ids}
        if place % 3 == 0:
            outcomes |= {ids[each]: outcome for each, outcome in OTHERWISE.items()}
        yield Batch.of(SLUG, f"{place:04x}", ids, now=at).claimed("worker", now=at).recorded(outcomes, now=at)


def happened(batch: Batch, *, delivered: bool) -> dict[FeedbackKind, list[RecordedEvent]]:
    """Return what SES says about a batch afterwards."""
    sent = [who for who, outcome in zip(batch.ids, batch.outcomes, strict=True) if outcome is Outcome.SENT]
    number = int(batch.after, 16)
    minute = batch.touched_at.replace(second=0)

    def at(each: int, hours: float, reason: Reason = Reason.NONE) -> RecordedEvent:
        return RecordedEvent(sent[each], minute + timedelta(hours=hours), reason, PROVIDERS[(number + each) % 6])

    found: dict[FeedbackKind, list[RecordedEvent]] = {}
    if delivered:
        found[FeedbackKind.DELIVERED] = [at(each, each % 3 / 60) for each in range(3, len(sent))]
    if number % 4 == 0:
        found[FeedbackKind.HARD_BOUNCE] = [at(0, 0, (Reason.NO_MAILBOX, Reason.ON_OUR_LIST)[number % 8 == 0])]
    if number % 5 == 0:
        why = (Reason.MAILBOX_FULL, Reason.AUTOMATIC_REPLY, Reason.TOOK_TOO_LONG)[number % 3]
        found[FeedbackKind.SOFT_BOUNCE] = [at(1, number % 14, why)]
    if number % 40 == 3:
        found[FeedbackKind.COMPLAINT] = [at(2, number % 30, Reason.ABUSE)]
    return found


def facts(number: int = 120, *, delivered: bool = True, **changes: Any) -> Facts:
    """Return everything that the report of a send of so many batches is made of."""
    planned = list(batches(number))
    books = tally(planned)
    expected = forecast(books.audience, ALLOWANCE)
    closed_at = max((batch.touched_at for batch in planned), default=NOW) + timedelta(seconds=70)
    opened = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW).foreseen(expected)
    assert opened is not None
    send = replace(opened, state=SendState.CLOSED, books=books, closed_at=closed_at)
    left = Counter({(NOW.date(), "not_said"): 9, (NOW.date(), "too_many"): 4, (date(2026, 12, 2), "not_relevant"): 2})
    hours = Counter(
        {NOW + timedelta(hours=each): 1 + (5 if each == 1 else 0) for each in (0, 1, 2, 3, 7, 11, 23, 24, 30, 42)}
    )
    default = Facts(
        title="More for more: what co-production asks of councils",
        send=send,
        totals=BatchTotals.of(planned),
        results=IssueResults.of((batch.ids, happened(batch, delivered=delivered)) for batch in planned),
        census=Census(
            on_list=books.audience - 11,
            unconfirmed=14,
            joined=Counter({NOW.date(): 18, date(2026, 12, 2): 7}),
            joined_from=Counter({"www.example.org/about": 14, "/": 6, "footer": 3, "by_hand": 2}),
            left=left if number else Counter(),
            left_at=hours if number else Counter(),
        ),
        suppressed={"hard_bounce": 15, "complaint": 3, "erased": 1} if number else {},
        receipt=Receipt.of(books.sent, used(number)),
        allowance=ALLOWANCE,
        responses=Responses(useful=212, not_useful=31, replies=7) if number else None,
    )
    return replace(default, **changes)


def engagement() -> Engagement:
    """Return opens and clicks with every reason, and more links than a page shows."""
    links = tuple(
        (
            f"https://example.org/a-page-with-a-rather-long-name-{each}/",
            Count(90 - each, {MachineSign.SCANNER: 20}, 60 - each),
        )
        for each in range(14)
    )
    reasons = {sign: 10 + place for place, sign in enumerate(MachineSign) if sign}
    return Engagement(
        Count(4_100, {**reasons, MachineSign.PRIVACY_PROXY: 1_900}, 1_640), Count(700, reasons, 310), links, 25, 3
    )


def used(number: int) -> dict[str, Usage]:
    """Return about what the functions use for so many batches."""
    return {
        "send": Usage(
            {"dynamodb UpdateItem": number * 4.0, "dynamodb GetItem": number * 3.0, "sesv2 SendBulkEmail": number * 1.0,
             "dynamodb BatchGetItem": number * 2.0, "s3 GetObject": 5.0},
            {"DynamoDB writes": number * 6.0, "DynamoDB reads": number * 103.0, "SQS": number * 0.3,
             "Lambda": number * 0.31, "Lambda requests": number / 10, "S3 reads": 5.0},
        ),
        "feedback": Usage(
            {"dynamodb UpdateItem": number * 1.5},
            {"DynamoDB writes": number * 4.4, "SNS": number * 49.0, "SQS": number * 59.0, "Lambda": number * 0.2,
             "Lambda requests": number * 1.0},
            guessed=number // 20,
        ),
    }  # fmt: skip


def report(number: int = 120, **changes: Any) -> dict[str, Any]:
    """Return the report of a send of so many batches."""
    return issue_report(facts(number, **changes), now=LATER)


def growth(nights: int = 60) -> dict[str, Any]:
    """Return the growth of the list in so many nights, of which one was missed."""
    known: dict[str, Any] = {}
    for night in range(nights):
        day = date(2026, 10, 1) + timedelta(days=night)
        if night and night == nights // 3:
            continue
        census = Census(
            on_list=11_800 + 11 * night - (80 if night > 40 else 0),
            unconfirmed=10 + night % 7,
            joined=Counter({each: 12 + each.day % 9 for each in (day, day - timedelta(days=1))}),
            on_list_from=Counter(
                {
                    "subscribe": 6_000 + 11 * night,
                    "subscribe · linkedin / social / launch": 1_240,
                    "/": 3_100,
                    "www.example.org/about": 1_300,
                    "by_hand": 158,
                    "subscribe · ada": 2,
                }
            ),
            left=Counter(
                {
                    (each, ("not_said", "too_many", "other")[each.day % 3]): 2 + (30 if night % 14 == 5 else 0)
                    for each in (day,)
                }
            ),
        )
        kept_out = {(day, "hard_bounce"): 9} if night % 14 == 5 else {}
        now = NOW.replace(month=day.month, day=day.day, hour=0, minute=10) + timedelta(days=1)
        known = grown(known, census, kept_out, yesterday=day, zone=ZoneInfo("UTC"), now=now)
    return known
