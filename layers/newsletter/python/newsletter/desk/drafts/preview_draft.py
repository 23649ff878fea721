"""A text that nobody has saved yet, shown as its readers would get it, with what the checks find in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from newsletter.desk.domain.preview_view import View, mail_in_view
from newsletter.desk.drafts.draft import plain_lines
from newsletter.desk.drafts.ports import DraftPreviewPorts
from newsletter.errors import InvalidIssueError, ProblemLike
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables
from newsletter.issues.domain.preflight import Preflight
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.examination import examine
from newsletter.issues.neighbours import compared_with, neighbour

BANNER = "This is a draft. Only editors see it."


@dataclass(frozen=True, slots=True)
class DraftPreview:
    """A draft as it would reach its readers, or what is in the way of showing it."""

    problems: tuple[ProblemLike, ...] = ()
    """Why the text cannot be read, each with its line; nothing else is there then."""
    subject: str = ""
    summary: str = ""
    """What an inbox shows behind the subject."""
    mail_html: str = ""
    """The email in daylight; on a phone it is the same in a narrower frame."""
    dark_html: str = ""
    text: str = ""
    page_html: str = ""
    preflight: Preflight = Preflight()  # noqa: RUF009 - frozen


def preview_draft(slug: str, text: str, *, ports: DraftPreviewPorts, page_url: str, today: date) -> DraftPreview:
    """Return a draft as email, text part, page and line of an inbox, by the renderer of the issues; nothing is written.

    Args:
        slug: The issue.
        text: The whole file, front matter included, saved or not.
        ports: What is read.
        page_url: Where links for leaving lead: nobody can be unsubscribed by looking at a draft.
        today: Where the newsletter is at home.
    """
    try:
        manuscript = ports.examination.reader.read(slug, plain_lines(text).encode())
        examined = examine(
            manuscript,
            put_picture=lambda name: ports.pictures.shown(slug, name),
            look_at_file=lambda name: ports.files.look(slug, name),
            find_neighbour=lambda name: neighbour(name, issues=ports.issues, content=ports.content),
            compared_with=lambda: compared_with(slug, issues=ports.issues),
            today=today,
            ports=ports.examination,
        )
    except InvalidIssueError as refusal:
        return DraftPreview(problems=refusal.problems)
    rendered = examined.rendered
    return DraftPreview(
        subject=_for_nobody(rendered.subject, rendered, page_url),
        summary=_for_nobody(rendered.summary, rendered, page_url),
        mail_html=mail_in_view(rendered, View.MAIL, page_url),
        dark_html=mail_in_view(rendered, View.DARK, page_url),
        text=mail_in_view(rendered, View.TEXT, page_url),
        page_html=ports.archive.preview_page(ShownIssue(rendered), BANNER).body.decode(),
        preflight=examined.preflight,
    )


def _for_nobody(words: str, rendered: RenderedIssue, page_url: str) -> str:
    """Return words as a reader without a name gets them."""
    return substitute(words, variables(rendered, name="", unsubscribe_url=page_url, preferences_url=page_url))
