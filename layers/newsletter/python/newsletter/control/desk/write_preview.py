"""What is written, as its readers will see it: the draft in a frame, and what was typed a moment ago."""

from __future__ import annotations

from newsletter.control.desk.request import Answer, Data, DeskRequest, File, Route, Show
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.preview_view import View, chosen_view, mail_in_view
from newsletter.desk.drafts.issue_fields import text_of_form
from newsletter.desk.drafts.open_draft import open_draft
from newsletter.desk.drafts.preview_draft import draw_draft
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import ShownIssue

ISSUE = "/desk/issues/<slug>/"

NOT_PUBLIC = "This is a draft. Nobody but the team sees it."

UNREAD = "There is no preview until the first of the checks is answered."


def draft_view(request: DeskRequest) -> Answer:
    """Show the draft as its readers would get it."""
    slug = request.parts["slug"]
    draft = open_draft(slug, ports=request.app.write_ports)
    if draft is None:
        return Show("missing", status_code=404)
    pages, view = request.app.pages, chosen_view(request.query.get("view", ""))
    rendered = draw_draft(slug, draft.text, ports=request.app.write_ports)
    if rendered is None:
        headers = pages.mail_headers(scrolled=True)
        return File("<!DOCTYPE html><title>No preview</title>", "text/html; charset=utf-8", headers)
    headers = pages.preview_headers(framed=True) if view is View.PAGE else pages.mail_headers(scrolled=True)
    kind = "plain" if view is View.TEXT else "html"
    return File(_in_view(request, rendered, view), f"text/{kind}; charset=utf-8", headers)


def look(request: DeskRequest) -> Answer:
    """Return what is typed at this moment as its readers would get it. It is not kept, and only drawn in one view.

    The script puts it into the frame that `draft_view` answered, whose headers let no script of it run.
    """
    fields, view = request.fields, chosen_view(request.fields.get("view", ""))
    rendered = draw_draft(request.parts["slug"], text_of_form(fields), ports=request.app.write_ports)
    if rendered is None:
        return Data({"words": UNREAD})
    return Data({"text" if view is View.TEXT else "html": _in_view(request, rendered, view)})


def _in_view(request: DeskRequest, rendered: RenderedIssue, view: View) -> str:
    if view is View.PAGE:
        shown = request.app.archive.preview_page(ShownIssue(rendered, None), NOT_PUBLIC)
        return shown.body.decode()
    own_page = f"{request.app.settings.public_url.rstrip('/')}/desk/issues/{rendered.slug}/write/"
    return mail_in_view(rendered, view, own_page)


ROUTES = (
    Route("GET", f"{ISSUE}draft/", Act.LOOK, draft_view),
    Route("POST", f"{ISSUE}look", Act.WRITE, look),
)
