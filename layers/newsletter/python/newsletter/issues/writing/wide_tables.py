"""Tables that are wider than a phone: each scrolls on its own, and nothing else does."""

from __future__ import annotations

import re

from markupsafe import escape

from newsletter.core.language import msg
from newsletter.web.jinja import Templates


def with_scrolling_tables(article: str, templates: Templates, *, lang: str, dress: str) -> str:
    """Return the article with each table in a region that also scrolls by keyboard, and says what it is.

    Args:
        article: Clean HTML.
        templates: Who speaks.
        lang: The language of the article.
        dress: The attribute that makes the region scroll; a page has a stylesheet, a mail has none.
    """
    count = 0

    def region(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        label = escape(templates.say(msg("Table %(number)s"), lang=lang, number=count))
        return f'<div {dress} role="region" aria-label="{label}" tabindex="0">{found[0]}'

    return re.sub(r"<table\b", region, article).replace("</table>", "</table></div>")
