"""Boxes and buttons as every mail program shows them: Outlook knows no padding but that of a table's cell."""

from __future__ import annotations

import re

from markupsafe import Markup

from newsletter.web.jinja import Templates

_BUTTON = re.compile(r'<p class="block-button"[^>]*><a href="([^"]*)"[^>]*>(.*?)</a></p>', re.DOTALL)
_ASIDE = re.compile(r'<aside(?: class="(box [a-z]+)")?((?: [a-z-]+="[^"]*")*)>|</aside>')


def dress_blocks(article: str, templates: Templates, *, lang: str) -> str:
    """Return an article, whose styles stand on its elements, with its boxes as tables and its buttons as cells."""

    def button(found: re.Match[str]) -> str:
        words = {"url": Markup(found[1]), "words": Markup(found[2])}  # noqa: S704 - cleaned by nh3
        return templates.render("email/button.html", words, lang=lang).strip()

    still_open: list[bool] = []

    def box(found: re.Match[str]) -> str:
        if found[0] == "</aside>":
            return _END if still_open.pop() else found[0]
        still_open.append(found[1] is not None)
        return f'{_BEGIN}<td class="{found[1]}"{found[2]}>' if found[1] else found[0]

    return _ASIDE.sub(box, _BUTTON.sub(button, article))


_BEGIN = (
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
    ' style="margin:0 0 18px;width:100%;table-layout:fixed"><tr>'  # fixed: or a picture in it widens a phone's mail
)
_END = "</td></tr></table>"
