"""What makes an issue heavy: named, so that its editor knows where to begin."""

from __future__ import annotations

import re

_DATA = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=]*")
_STYLE = re.compile(r"""\s(?:style|class)\s*=\s*(?:"[^"<>]{0,5000}"|'[^'<>]{0,5000}')""", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)

MUCH = 0.25
"""Share of a text above which something is named before the parts of the text are."""


def heaviest(written: str) -> str:
    """Return what weighs most in an issue, as a sentence; nothing if no part of it stands out."""
    pictures, styles = _DATA.findall(written), _STYLE.findall(written)
    for found, singular, plural in (
        (pictures, "a picture that stands in the text itself", "pictures that stand in the text itself"),
        (styles, "a style in its HTML", "styles and classes in its HTML"),
    ):
        weight = sum(len(each.encode()) for each in found)
        if weight > MUCH * len(written.encode()):
            what = singular if len(found) == 1 else f"{len(found):,} {plural}"
            return f"Most of it is {what}: {_kilobytes(weight)} of {_kilobytes(len(written.encode()))}."
    headings = list(_HEADING.finditer(written))
    ends = [*(heading.start() for heading in headings[1:]), len(written)][: len(headings)]
    parts = [(len(written[at.end() : end].encode()), at[1]) for at, end in zip(headings, ends, strict=True)]
    if len(parts) < 2:
        return ""
    weight, name = max(parts)
    shown = name if len(name) <= 60 else f"{name[:59].rstrip()}…"
    return f"Its heaviest part is “{shown}”: {_kilobytes(weight)} of {_kilobytes(len(written.encode()))}."


def _kilobytes(weight: int) -> str:
    return f"{max(1, round(weight / 1000)):,} KB"
