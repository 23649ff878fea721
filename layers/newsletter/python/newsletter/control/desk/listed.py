"""An issue as the desk lists it: title, where it stands, when it goes, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.core.slot import Rhythm, in_words
from newsletter.desk.domain.decision_words import STAGES
from newsletter.desk.domain.stage import BEFORE_THE_SEND, Stage, stage_of
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.send import Send


@dataclass(frozen=True, slots=True)
class ListedIssue:
    """One line of a list of issues."""

    slug: str
    title: str
    date: date
    stage: Stage
    when: str
    """When it is expected to go out, or when it was sent; empty where there is neither."""
    lacks: tuple[str, ...]
    """What keeps it from going out, in sentences."""
    sent: int = 0
    failed: int = 0
    audience: int = 0

    @property
    def stage_words(self) -> str:
        """Where it stands, in words."""
        return STAGES[self.stage]


def listed(
    record: IssueRecord,
    expected: Mapping[str, datetime],
    rhythm: Rhythm,
    *,
    needs_approval: bool,
    send: Send | None = None,
) -> ListedIssue:
    """Return the line of an issue.

    Args:
        record: The issue.
        expected: When each waiting issue is expected to go out, by its slug.
        rhythm: When slots are, and by which clock.
        needs_approval: Whether only approved content is sent.
        send: Its send, if it has gone out.
    """
    stage = stage_of(record, needs_approval=needs_approval)
    moment = record.sent_at or expected.get(record.slug)
    books = send.books if send else None
    return ListedIssue(
        record.slug,
        record.title,
        record.date,
        stage,
        in_words(moment.astimezone(rhythm.time_zone)) if moment else "",
        tuple(what_it_lacks(record, stage)),
        sent=books.sent if books else 0,
        failed=sum(books.failed.values()) if books else 0,
        audience=books.audience if books else 0,
    )


def what_it_lacks(record: IssueRecord, stage: Stage) -> list[str]:
    """Return what keeps an issue from going out, the first thing to do first."""
    if stage not in BEFORE_THE_SEND:
        return []
    errors, found = record.preflight.get("errors", 0), []
    if stage is Stage.DRAFT:
        found.append("It is a draft.")
    if errors:
        found.append("The checks found one mistake." if errors == 1 else f"The checks found {errors} mistakes.")
    if stage is Stage.HELD:
        found.append("Somebody put it on hold.")
    if stage is Stage.UNAPPROVED:
        found.append("Nobody has approved this version.")
    return found
