"""The pages that functions answer with, and the mails to one person.

Jinja alone: what answers a reader must not wait for Markdown and its libraries to be imported.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cached_property

from markupsafe import Markup

from newsletter.adapters.jinja import Templates
from newsletter.domain.content import MailContent
from newsletter.domain.issue import RenderedIssue
from newsletter.domain.newsletter import Newsletter
from newsletter.domain.personal import one_line, substitute, variables


class Pages:
    """Makes pages and mails in the name of one newsletter."""

    def __init__(self, templates: Templates, newsletter: Newsletter, public_url: str) -> None:
        self._templates = templates
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")

    def page(self, name: str, /, **context: object) -> str:
        """Return the page `templates/page/<name>.html`; it needs nothing but itself."""
        return self._render(f"page/{name}.html", {**context, "css": Markup(self._css)})  # noqa: S704 - our own file

    def page_headers(self) -> dict[str, str]:
        """Return the headers that each page is served with: no script, no frame, no trace of the token."""
        style = b64encode(hashlib.sha256(self._css.encode()).digest()).decode()
        policy = (
            "default-src 'none'",
            f"style-src 'sha256-{style}'",
            f"img-src 'self' {self._public_url}",
            # The answer to a form may lead on to the archive, and browsers check where it leads.
            f"form-action 'self' {self._public_url}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
        return {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": "; ".join(policy),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        }

    def mail(self, name: str, /, **context: object) -> MailContent:
        """Return the mail `templates/email/<name>.*`.

        The preview for the editors is the mail of the issue itself, as a reader without a name gets it,
        below a banner.
        """
        html = self._render(f"email/{name}.html", context)
        text = self._render(f"email/{name}.txt", context)
        rendered = context.get("rendered")
        if name == "editors_preview" and isinstance(rendered, RenderedIssue):
            html, text = self._under_banner(rendered, str(context["page_url"]), banner=html, notice=text)
        subject = one_line(self._render(f"email/{name}.subject.txt", context))
        return MailContent(subject=subject, html=html, text=text)

    def _under_banner(self, rendered: RenderedIssue, page_url: str, *, banner: str, notice: str) -> tuple[str, str]:
        values = variables(rendered, name="", unsubscribe_url=page_url, preferences_url=page_url)
        html = substitute(rendered.html, values)
        body = re.search(r"<body[^>]*>", html)
        at = body.end() if body else 0
        return f"{html[:at]}\n{banner}{html[at:]}", f"{notice}\n{substitute(rendered.text, values)}"

    def _render(self, template: str, context: dict[str, object]) -> str:
        surroundings = {
            "newsletter": self._newsletter,
            "public_url": self._public_url,
            "home": self._public_url,
        }
        return self._templates.render(template, {**surroundings, **context})

    @cached_property
    def _css(self) -> str:
        return self._templates.render("site/style.css", {})
