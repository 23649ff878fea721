"""The preview for the editors: the email of the issue itself, below a banner that says when it goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.core.content import MailContent
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables


@dataclass(frozen=True, slots=True)
class InboxRow:
    """What a list of emails shows of one before it is opened."""

    subject: str
    preheader: str


def inbox_row(rendered: RenderedIssue, page_url: str) -> InboxRow:
    """Return the issue's row in the inbox of a reader without a name."""
    values = variables(rendered, name="", unsubscribe_url=page_url, preferences_url=page_url)
    return InboxRow(substitute(rendered.subject, values), rendered.summary)


def under_banner(banner: MailContent, rendered: RenderedIssue, page_url: str) -> MailContent:
    """Return the issue as a reader without a name gets it, below the banner in both parts; links lead to its page."""
    values = variables(rendered, name="", unsubscribe_url=page_url, preferences_url=page_url)
    html = substitute(rendered.html, values)
    body = re.search(r"<body[^>]*>", html)
    at = body.end() if body else 0
    return MailContent(
        subject=banner.subject,
        html=f"{html[:at]}\n{banner.html}{html[at:]}",
        text=f"{banner.text}\n{substitute(rendered.text, values)}",
    )
