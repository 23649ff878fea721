"""The preview for the editors: the email of the issue itself, below a banner that says when it goes out."""

from __future__ import annotations

import re

from newsletter.core.content import MailContent
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables


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
