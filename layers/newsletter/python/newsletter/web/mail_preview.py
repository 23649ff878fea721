"""Shows an HTML mail as a reader in daylight or in the dark sees it, whatever this machine prefers."""

from __future__ import annotations

import re

_LIGHT = re.compile(r"\(\s*prefers-color-scheme\s*:\s*light\s*\)", re.IGNORECASE)
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
ALWAYS, NEVER = "(min-width: 0px)", "(max-width: 0px)"
# What a mail program does to a mail that has no dark style of its own: it turns the colours round, pictures
# excepted.
_INVERTED = (
    "<style>html{filter:invert(1) hue-rotate(180deg);background:#fff}"
    "img,video{filter:invert(1) hue-rotate(180deg)}</style>"
)


def preview(html: str, *, dark: bool) -> str:
    """Return the mail with its colour scheme settled: media queries decided, and nothing opened inside the frame."""
    has_dark_style = _DARK.search(html) is not None
    settled = _DARK.sub(ALWAYS if dark else NEVER, _LIGHT.sub(NEVER if dark else ALWAYS, html))
    head = '<base target="_blank">'
    if dark and has_dark_style:
        head += "<style>:root{color-scheme:dark}</style>"
    elif dark:
        head += _INVERTED
    else:
        head += "<style>:root{color-scheme:light}</style>"
    return _insert(settled, head)


def _insert(html: str, head: str) -> str:
    """Put something first in the head, or where a browser would open one."""
    found = re.search(r"<head\b[^>]*>", html, re.IGNORECASE) or re.search(r"<html\b[^>]*>", html, re.IGNORECASE)
    at = found.end() if found else 0
    if not found:
        doctype = re.match(r"\s*<!doctype[^>]*>", html, re.IGNORECASE)
        at = doctype.end() if doctype else 0
    return html[:at] + head + html[at:]
