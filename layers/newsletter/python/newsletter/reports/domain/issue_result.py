"""What became of one issue, in the few figures by which issues are compared; read from the report that was stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsletter.feedback.domain.feedback import FeedbackKind, Reason
from newsletter.feedback.domain.response import Responses
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.books import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueResult:
    """One issue among the others. None stands for what nobody measured."""

    slug: str
    title: str
    sent_at: datetime | None = None
    audience: int = 0
    sent: int = 0
    skipped: int = 0
    failed: int = 0
    delivered: int | None = None
    bounced: int | None = None
    """Without automatic replies: somebody who is out of the office got the email."""
    automatic_replies: int | None = None
    complaints: int | None = None
    left: int | None = None
    left_because: Mapping[str, int] = field(default_factory=dict)
    joined: int | None = None
    joined_from: Mapping[str, int] = field(default_factory=dict)
    """New readers by the page or form where they signed up; empty in reports from before that was counted."""
    clicked: int | None = None
    """By people, as far as machines can be told from them."""
    useful: int | None = None
    """Readers who answered "Was this useful?" with yes."""
    not_useful: int | None = None
    """Those who answered "Not really"."""
    replies: int | None = None
    """Emails of readers that came back to the address of the issue."""
    links: tuple[tuple[str, int], ...] = ()
    """Addresses with the clicks of people, the most first."""
    settled: bool = False
    """Whether two days have passed, and hardly anything changes any more."""
    receipt: Mapping[str, Any] = field(default_factory=dict)
    """`total_usd`, and `lines` with `what`, `units`, `billed_in` and `usd`."""


def from_report(slug: str, plain: Mapping[str, Any], *, sent_at: datetime | None) -> IssueResult:
    """Return the result that the report of a send speaks of, also one that an older version wrote."""
    books, events, of_list = plain["books"], plain["events"], plain["list"]
    replies = plain.get("reasons", {}).get(FeedbackKind.SOFT_BOUNCE, {}).get(Reason.AUTOMATIC_REPLY, 0)
    engagement = plain.get("engagement")
    said = plain.get("responses")
    responses = Responses.of_plain(said) if said else None
    links = [(each["url"], each["likely_human"]) for each in engagement["links"]] if engagement else []
    return IssueResult(
        slug=slug,
        title=plain["title"],
        sent_at=sent_at or datetime.fromisoformat(plain["opened_at"]),
        audience=books["audience"],
        sent=books["sent"],
        skipped=sum(books["skipped"].values()),
        failed=sum(books["failed"].values()),
        delivered=events.get(FeedbackKind.DELIVERED) or None,  # where SES is not asked for these events, there is none
        bounced=events[FeedbackKind.HARD_BOUNCE] + events[FeedbackKind.SOFT_BOUNCE] - replies,
        automatic_replies=replies,
        complaints=events[FeedbackKind.COMPLAINT],
        left=of_list["left"],
        left_because=of_list.get("left_because", {}),
        joined=of_list["joined"],
        joined_from=of_list.get("joined_from", {}),
        clicked=engagement["clicks"]["likely_human"] if engagement else None,
        useful=responses.useful if responses else None,
        not_useful=responses.not_useful if responses else None,
        replies=responses.replies if responses else None,
        links=tuple((url, number) for url, number in links if number),
        settled=bool(plain.get("settled")),
        receipt=plain.get("receipt") or {},
    )


def from_books(record: IssueRecord, books: Books) -> IssueResult:
    """Return the result of an issue whose report is not written yet, or lost: its books alone."""
    return IssueResult(
        slug=record.slug, title=record.title, sent_at=record.sent_at, audience=books.audience, sent=books.sent,
        skipped=sum(books.skipped.values()), failed=sum(books.failed.values()),
    )  # fmt: skip
