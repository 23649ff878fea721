"""The email of an issue as a reader without a name gets it."""

from __future__ import annotations

from newsletter.core.content import MailContent
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables


def plain_mail(rendered: RenderedIssue, page_url: str, *, name: str = "") -> MailContent:
    """Return the email of a reader, without a name if none is given; its links for leaving lead to the preview page."""
    values = variables(rendered, name=name, unsubscribe_url=page_url, preferences_url=page_url, vote_url=f"{page_url}#")
    return MailContent(
        subject=substitute(rendered.subject, values),
        html=substitute(rendered.html, values),
        text=substitute(rendered.text, values),
    )
