"""A test email to any address: the issue as a reader of a given name gets it, and who had it sent."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.core.content import MailContent

KEPT = timedelta(days=1)
"""The request, with its address. It is sent within seconds; a queue tries for hours."""

EACH_DAY = 20
"""Of the whole team: a test goes to people who asked for nothing."""


@dataclass(frozen=True, slots=True)
class NamedTest:
    """Somebody wants a test to go to somebody."""

    test_id: str
    email: str
    name: str
    """For `{{ name }}`; may be empty."""
    asked_by: str
    asked_at: datetime


def marked_as_test(mail: MailContent, test: NamedTest) -> MailContent:
    """Return the email with a plain line above it that says what it is, and from whom."""
    notice = f"This is a test, sent to you by {test.asked_by}. You have not been signed up for anything."
    body = re.search(r"<body[^>]*>", mail.html)
    at = body.end() if body else 0
    line = (
        '<p style="margin: 0; padding: 12px 16px; background: #fff4d6; color: #1f1f1f; '
        f'font: 16px/1.5 sans-serif;">{html.escape(notice)}</p>'
    )
    return MailContent(
        subject=f"Test: {mail.subject}",
        html=f"{mail.html[:at]}\n{line}{mail.html[at:]}",
        text=f"{notice}\n\n{mail.text}",
    )
