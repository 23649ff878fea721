"""The two settings that are a text: the privacy notice, and what every new issue begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsletter.control.desk.request import DeskRequest, File
from newsletter.desk.domain.plain_mail import plain_mail
from newsletter.desk.drafts.issue_fields import joined, split, with_values
from newsletter.desk.drafts.merge import merge
from newsletter.desk.drafts.open_draft import BEGINNING
from newsletter.desk.drafts.preview_draft import preview_draft
from newsletter.desk.settings.setting import Meeting
from newsletter.desk.settings.setting_fields import clean
from newsletter.web.mail_preview import preview

TEXT = "text"
"""The one field."""

SLUG = "new-issue"
"""Under which the template is looked at, as if it were an issue."""


class TextEditor:
    """What the two have in common: one text, put together line by line."""

    title = ""
    page = "settings_text"

    def values(self, file_text: str) -> Mapping[str, str]:
        """Return the text."""
        return {TEXT: file_text}

    def typed(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """Return what was typed."""
        return {TEXT: clean(fields.get(TEXT, ""))}

    def source(self, typed_values: Mapping[str, str], values_before: Mapping[str, str]) -> str:
        """Return the file."""
        text = typed_values.get(TEXT, values_before.get(TEXT, ""))
        return f"{text}\n" if text else ""

    def meet(
        self, base_values: Mapping[str, str], own_values: Mapping[str, str], their_values: Mapping[str, str]
    ) -> Meeting:
        """Put together what two people typed; where both changed a line, both versions stand in the text."""
        first, own, other = (clean(each.get(TEXT, "")) for each in (base_values, own_values, their_values))
        merged = merge(first, own, other)
        clashes = ", ".join(map(str, merged.clashes))
        return Meeting({TEXT: merged.text}, {TEXT: f"line {clashes}"} if clashes else {})

    def words(self, sentence: str) -> str:
        """Return what a check says."""
        return sentence


class PrivacyEditor(TextEditor):
    """`settings/privacy.md`."""

    title = "Privacy notice"

    def context(self, request: DeskRequest, form_values: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what the page shows besides; asked for, the form begins with ours."""
        begins = request.query.get("begin") == "ours" and not form_values.get(TEXT)
        return {
            "about": "It stands at /privacy/. Without one of your own, a default is shown: it is made of what this"
            " newsletter does with what it knows of people, and follows when that changes.",
            "begin": request.app.archive.our_notice if begins else "",
            "offers_ours": not begins and not form_values.get(TEXT),
            "frame": "page",
        }

    def preview(self, request: DeskRequest, file_text: str) -> File:
        """Return the page."""
        page = request.app.archive.privacy(file_text)
        headers = request.app.pages.preview_headers(framed=True)
        return File(page.body.decode(), page.content_type, headers)


class NewIssueEditor(TextEditor):
    """`settings/new-issue.md`."""

    title = "Template for new issues"

    def context(self, request: DeskRequest, form_values: Mapping[str, str]) -> Mapping[str, Any]:  # noqa: ARG002 - as all
        """Return what the page shows besides."""
        return {
            "about": "Every issue that is begun at the desk begins with this text; title and day are filled in. Fields"
            " such as the author may stand above it, between two lines of three hyphens.",
            "begin": "" if form_values.get(TEXT) else BEGINNING.strip(),
            "offers_ours": False,
            "frame": "mail",
        }

    def preview(self, request: DeskRequest, file_text: str) -> File:
        """Return the email of an issue that nobody has written on yet; of one that cannot be read, what is wrong."""
        app = request.app
        front_matter, body = split(file_text or BEGINNING)
        fields = {"title": "A new issue", "date": app.rhythm.local_date(request.now).isoformat(), "status": "draft"}
        text = joined(with_values(front_matter, fields), body)
        previewed = preview_draft(
            SLUG, text, ports=app.write_ports, local_now=request.now.astimezone(app.rhythm.time_zone)
        )
        headers = app.pages.mail_headers()
        if previewed.rendered is None:
            said = "\n".join(f"{each.message} {each.remedy}" for each in previewed.findings)
            return File(said, "text/plain; charset=utf-8", headers)
        mail = plain_mail(previewed.rendered, app.settings.public_url)
        return File(preview(mail.html, dark=False), "text/html; charset=utf-8", headers)
