"""The views of a preview: the email itself, on a phone, in the dark, its text part, and the page."""

from __future__ import annotations

from enum import StrEnum

from newsletter.desk.domain.plain_mail import plain_mail
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.web.mail_preview import preview


class View(StrEnum):
    """What an address of a preview shows; the words stand in its query."""

    PAGE = "page"
    MAIL = "mail"
    PHONE = "phone"
    """The email in a frame as wide as a phone."""
    DARK = "dark"
    TEXT = "text"


def chosen_view(word: str) -> View:
    """Return the view of this word; the page for any other."""
    return View(word) if word in tuple(View) else View.PAGE


def mail_in_view(rendered: RenderedIssue, view: View, page_url: str) -> str:
    """Return the email of a reader without a name in this view; its links for leaving lead to the page."""
    mail = plain_mail(rendered, page_url)
    if view is View.TEXT:
        return mail.text
    return preview(mail.html, dark=True) if view is View.DARK else mail.html
