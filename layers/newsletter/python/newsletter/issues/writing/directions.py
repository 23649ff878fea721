"""Directions of writing: what runs from left to right in a text that runs the other way."""

from __future__ import annotations

import re

from newsletter.web.jinja import direction

_CODE = re.compile(r"<(pre|code|kbd|samp)(?=[ >])(?![^>]* dir=)")


def with_code_from_left_to_right(article: str, lang: str) -> str:
    """Return clean HTML whose code keeps its own direction: `a = b(c)` would read `(a = b(c` in an Arabic line."""
    return _CODE.sub(r'<\1 dir="ltr"', article) if direction(lang) == "rtl" else article


def with_own_direction(article: str, lang: str) -> str:
    """Return HTML for a feed, which is shown between the texts of others, with the language and direction it has."""
    return f'<div lang="{lang}" dir="{direction(lang)}">\n{article}\n</div>'
