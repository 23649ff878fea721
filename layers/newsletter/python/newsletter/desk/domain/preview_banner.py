"""The preview for the editors: the email of the issue itself, below a banner that says when it goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.core.content import MailContent
from newsletter.desk.domain.plain_mail import plain_mail
from newsletter.issues.domain.issue import IssueStatus, RenderedIssue, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord, Wait


@dataclass(frozen=True, slots=True)
class InboxRow:
    """What a list of emails shows of one before it is opened."""

    subject: str
    preheader: str


def inbox_row(rendered: RenderedIssue, page_url: str) -> InboxRow:
    """Return the issue's row in the inbox of a reader without a name."""
    return InboxRow(plain_mail(rendered, page_url).subject, rendered.summary)


def preview_sentence(record: IssueRecord, *, needs_approval: bool) -> str:
    """Return what the banner of a preview page says about when this version is public."""
    day = f"{record.date.day} {record.date:%B %Y}"
    dated = f"It is dated {day}"
    if record.send_at is not None and record.status not in LOCKED:
        hour = record.send_at
        dated = f"Its hour is {hour.hour:02d}:{hour.minute:02d} on {hour.day.day} {hour.day:%B %Y}"
    if record.status is IssueStatus.DRAFT:
        return "This is a draft. Only people with this address see it until its file says “status: ready”."
    if record.status in LOCKED and record.cleared != record.content_hash:
        return "This is a correction. Readers see it once somebody approves it."
    match record.waits_for(needs_approval=needs_approval and record.status not in LOCKED):
        case Wait.RELEASE:
            return "This issue is on hold until somebody releases it."
        case Wait.APPROVAL:
            return f"{dated}, and it goes out only if this version is approved."
        case None if record.status in LOCKED:
            return "The issue has gone out. This is its public page as it is now, or will be in a moment."
        case None if record.send is SendPolicy.NEVER:
            return f"It is for the archive only, and becomes public on {day}."
        case None:
            return f"{dated}, and it becomes public at the moment it goes out."


def under_banner(banner: MailContent, rendered: RenderedIssue, page_url: str) -> MailContent:
    """Return the issue as a reader without a name gets it, below the banner in both parts; links lead to its page."""
    mail = plain_mail(rendered, page_url)
    body = re.search(r"<body[^>]*>", mail.html)
    at = body.end() if body else 0
    return MailContent(
        subject=banner.subject,
        html=f"{mail.html[:at]}\n{banner.html}{mail.html[at:]}",
        text=f"{banner.text}\n{mail.text}",
    )
