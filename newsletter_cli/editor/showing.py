"""A preview of an issue: its mail, its text part and its page, filled in for one reader."""

from __future__ import annotations

import re
from functools import cached_property
from urllib.parse import quote

from newsletter.core.site_file import SiteFile
from newsletter.issues.archive.archive import Archive
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables
from newsletter.issues.domain.site import ShownIssue
from newsletter.web.mail_preview import preview
from newsletter_cli.editor.desk import Desk
from newsletter_cli.editor.local_files import LocalFile
from newsletter_cli.editor.look import Look, look


class Showing:
    """An issue on the desk; the last version that could be read is shown while a newer one cannot."""

    def __init__(self, desk: Desk, looked: Look, *, name: str = "") -> None:
        self.desk = desk
        self.looked = looked
        self._name = name
        self._good = looked

    def look_again(self) -> None:
        """Read the file anew."""
        self.looked = look(self.looked.file, self.desk)
        if self.looked.rendered is not None:
            self._good = self.looked

    @property
    def rendered(self) -> RenderedIssue | None:
        """The last version that could be read."""
        return self._good.rendered

    @property
    def is_old(self) -> bool:
        """Whether what is shown is not what stands in the file."""
        return self._good is not self.looked

    def mail(self, *, base: str, dark: bool) -> str:
        """Return the email in HTML, with what it shows of ours below `base`; nothing if there is none yet."""
        return preview(self._at(base, self._personal("html")), dark=dark) if self.rendered else ""

    def text(self) -> str:
        """Return the text part."""
        return self._personal("text") if self.rendered else ""

    def subject(self) -> str:
        """Return the subject."""
        return self._personal("subject") if self.rendered else ""

    def page(self, *, base: str, dark: bool) -> str:
        """Return the page of the archive, with its stylesheet inside."""
        if self.rendered is None:
            return ""
        file = self._archive.issue_page(ShownIssue(self.rendered))
        page = re.sub(r'<link rel="stylesheet"[^>]*>', lambda _: f"<style>{self._css}</style>", file.body.decode())
        return preview(self._at(base, page), dark=dark)

    @property
    def files(self) -> dict[str, SiteFile]:
        """What mail and page show of ours, by path: pictures, logo, icon."""
        return {file.path: file for file in (*self._assets, *self._good.served)}

    @property
    def downloads(self) -> dict[str, LocalFile]:
        """The files beside the issue, by path."""
        return {each.linked_file.path: each for each in self._good.files}

    def _personal(self, part: str) -> str:
        if self.rendered is None:
            return ""
        way = f"{self.desk.public_url}/%s?token=only-in-the-mail-itself"
        values = variables(
            self.rendered,
            name=self._name,
            unsubscribe_url=way % "unsubscribe",
            preferences_url=way % "preferences",
            vote_url=f"{way % 'vote'}&answer=",
        )
        return substitute(getattr(self.rendered, part), values)

    def _at(self, base: str, html: str) -> str:
        for path in (*self.files, *map(quote, self.downloads)):
            html = html.replace(f"{self.desk.public_url}/{path}", f"{base}/{path}")
            html = html.replace(f'="/{path}"', f'="{base}/{path}"')
        return html

    @cached_property
    def _archive(self) -> Archive:
        desk = self.desk
        return Archive(desk.templates, desk.newsletter, desk.public_url, feed_namespace=desk.feed_namespace)

    @cached_property
    def _assets(self) -> tuple[SiteFile, ...]:
        shown = ("image/", "text/css")
        return tuple(file for file in self._archive.archive([], [], []) if file.content_type.startswith(shown))

    @cached_property
    def _css(self) -> str:
        return next(file.body.decode() for file in self._assets if file.content_type.startswith("text/css"))
