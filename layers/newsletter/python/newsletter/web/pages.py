"""The pages that functions answer with, and the mails to one person.

Jinja alone: what answers a reader must not wait for Markdown and its libraries to be imported.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsletter.core.content import MailContent
from newsletter.core.language import FALLBACK, NAMES
from newsletter.core.newsletter import Newsletter
from newsletter.core.registered_form import form_id
from newsletter.core.text import one_line, without_line_breaks

if TYPE_CHECKING:
    from newsletter.web.jinja import Templates

WITH_SIGN_UP = frozenset({"sign_up_problem"})
"""Pages with the sign-up form on them."""

WITH_A_FRAME = frozenset({"preview_phone"})
"""Pages that show another of ours in a frame."""

WITH_RULES = {"growth": "page/report.css", "report": "page/report.css", "comment": "page/comment.css"}
"""Pages with rules of their own behind the stylesheet: with figures on them, or the text of an issue by paragraph."""

DESK = "desk/"
"""What the names of the desk's pages begin with: in a folder of their own, with rules of their own."""

REFUSED_FEATURES = ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
"""What a page of ours never asks a browser for, whoever might want it to."""

HTTPS_FROM_NOW_ON = "max-age=31536000"
"""A year. Without subdomains: what else lives below the publisher's domain is not ours to decide."""


class Pages:
    """Makes pages and mails in the name of one newsletter."""

    def __init__(self, templates: Templates, newsletter: Newsletter, public_url: str) -> None:
        self._templates = templates
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")

    def page(self, name: str, /, *, lang: str = "", **context: object) -> str:
        """Return the page `templates/page/<name>.html`, or `templates/<name>.html` of the desk; it needs nothing else.

        Args:
            name: The page.
            lang: Language of the reader; one we do not speak, or none, gives the newsletter's own.
            context: What the page shows.
        """
        css = Markup(self._css_of(name))  # noqa: S704 - our own file
        return self._render(_file(name), {**context, "css": css}, lang)

    def page_headers(self, name: str = "", /, *, lang: str = "", posts_to: str = "") -> dict[str, str]:
        """Return the headers that a page is served with: no script, no frame, no trace of the token.

        The one page with the sign-up form may load its script, because it may load exactly that.

        Args:
            name: The page.
            lang: Language of the reader.
            posts_to: An origin besides our own that a form or script of this page may send to, and no other page's.
        """
        style = b64encode(hashlib.sha256(self._css_of(name).encode()).digest()).decode()
        policy = (
            f"style-src 'sha256-{style}'",
            *(self._for_the_form if name in WITH_SIGN_UP else ()),
            *(("frame-src 'self'",) if name in WITH_A_FRAME else ()),
            f"img-src 'self' {self._public_url}",
            *(self._for_the_desk(posts_to) if name.startswith(DESK) else ()),
            # The answer to a form may lead on to the archive, and browsers check where it leads.
            " ".join(filter(None, ("form-action 'self'", self._public_url, posts_to))),
        )
        headers = self._headers(policy, self._templates.language_of(_file(name), lang))
        if name.startswith(DESK):
            # With `no-referrer` browsers hide the origin of a form as well, by which the desk knows its own.
            headers["Referrer-Policy"] = "same-origin"
        return headers

    def preview_headers(self, *, framed: bool = False) -> dict[str, str]:
        """Return the headers of a page of the site that is only a preview: it loads what the site's pages load.

        Args:
            framed: Whether a page of ours may frame it.
        """
        home = self._public_url
        policy = (
            f"script-src 'self' {home}",
            f"connect-src 'self' {home}",
            f"style-src 'self' {home}",
            "img-src 'self' https: " + home,
            f"form-action 'self' {home}",
        )
        headers = self._headers(policy, "", framed_by="'self'" if framed else "'none'")
        del headers["Content-Type"], headers["Content-Language"]
        return headers

    def mail_headers(self, *, scrolled: bool = False) -> dict[str, str]:
        """Return the headers of an email that a browser shows by itself: its own styles and pictures, and no script.

        Args:
            scrolled: Whether the page that frames it may see and move what it shows; there is still no script in it.
        """
        sandbox = "sandbox allow-popups allow-same-origin" if scrolled else "sandbox allow-popups"
        policy = ("style-src 'unsafe-inline'", "img-src 'self' data: https: " + self._public_url, sandbox)
        headers = self._headers(policy, "", framed_by="'self'")
        del headers["Content-Type"], headers["Content-Language"]
        return headers

    def _headers(self, policy: Sequence[str], lang: str, *, framed_by: str = "'none'") -> dict[str, str]:
        policy = ("default-src 'none'", *policy, "base-uri 'none'", f"frame-ancestors {framed_by}")
        return {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": self._templates.language(lang),
            "Content-Security-Policy": "; ".join(policy),
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{each}=()" for each in REFUSED_FEATURES),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            **({"Strict-Transport-Security": HTTPS_FROM_NOW_ON} if self._public_url.startswith("https:") else {}),
        }

    def mail(self, name: str, /, *, lang: str = "", **context: object) -> MailContent:
        """Return the mail `templates/email/<name>.*`.

        Mails to the editors are in English, like the problems they tell about.
        """
        self._templates.refresh()
        lang = FALLBACK if name.startswith("editors_") else lang
        html = self._render(f"email/{name}.html", context, lang)
        text = self._render(f"email/{name}.txt", context, lang)
        subject = without_line_breaks(self._render(f"email/{name}.subject.txt", context, lang).strip("\n"))
        return MailContent(subject=subject, html=html, text=text)

    def form_words(self, lang: str = "") -> str:
        """Return the words above the sign-up form in this language: what a reader agrees to by sending it."""
        return str(self._templates.brand_in(self._templates.language(lang))["invitation"])

    def renewal_words(self, lang: str = "") -> str:
        """Return the words on the button that renews a consent, in this language: what a reader agrees to by it."""
        return one_line(self._render("email/renewal_words.txt", {}, lang))

    @property
    def registered_forms(self) -> dict[str, str]:
        """The words of each form of ours, by its id: one in every language, and those that stood before."""
        words = {lang: self.form_words(lang) for lang in NAMES}
        now = {form_id(text, self._templates.language(lang)): text for lang, text in words.items()}
        return {**self._templates.earlier_forms, **now}

    def refresh(self) -> None:
        """Take over the publisher's words and looks of this moment."""
        self._templates.refresh()

    def embedded_form(self, on_page: str, *, lang: str = "") -> str:
        """Return the sign-up form for a page of another website, whose address goes into each receipt."""
        return self._render("site/embedded_form.html", {"source": on_page}, lang)

    def thanks_path(self, lang: str = "") -> str:
        """Return the path of the page of the archive that thanks for a sign-up in this language."""
        language = self._templates.language(lang)
        return "/subscribe/thanks/" if language == self._templates.language("") else f"/subscribe/thanks/{language}/"

    def _render(self, template: str, context: dict[str, object], lang: str) -> str:
        surroundings = {
            "newsletter": self._templates.publisher(self._newsletter),
            "public_url": self._public_url,
            "home": self._public_url,
            "feed_language": "",  # which languages have feeds, the archive alone knows
            "script": self._script,
        }
        return self._templates.render(template, {**surroundings, **context}, lang=lang)

    @property
    def _for_the_form(self) -> tuple[str, ...]:
        return (f"script-src {self._script}", f"connect-src {self._public_url}/challenge") if self._script else ()

    def _for_the_desk(self, posts_to: str) -> tuple[str, ...]:
        scripts = f"{self._public_url}/desk/files/ {self._public_url}/desk/sign-in/passkeys.js"
        connections = " ".join(filter(None, ("connect-src 'self'", posts_to)))
        return (f"script-src {scripts}", connections, "frame-src 'self'")

    @cached_property
    def _script(self) -> str:
        return f"{self._public_url}/sign-up.js" if self._templates.source("site/sign-up.js") else ""

    def _css_of(self, name: str) -> str:
        own = "desk/desk.css" if name.startswith(DESK) else WITH_RULES.get(name, "")
        return self._templates.stylesheet + (self._templates.source(own) if own else "")


def _file(name: str) -> str:
    return f"{name}.html" if name.startswith(DESK) else f"page/{name}.html"
