"""The contrast of two colours: how well one can be read on the other; and which colours of a brand stand on which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

TEXT = 4.5
"""Least contrast of text. Source: WCAG 2.2, success criterion 1.4.3, level AA."""

LARGE_TEXT = 3.0
"""Least contrast of text of 24 px, or of 18.66 px in bold. Source: the same criterion."""

SHAPE = 3.0
"""Least contrast of the edge of a field, or of the ring around what has the focus. Source: criterion 1.4.11."""

CODE_COLOURS = ("comment", "keyword", "name", "number", "string")

PAIRS: tuple[tuple[str, str, float], ...] = (
    *((front, back, TEXT) for front in ("text", "muted", "link") for back in ("paper", "card")),
    ("text", "shade", TEXT),
    ("link", "shade", TEXT),
    *((f"code_{colour}", "shade", TEXT) for colour in CODE_COLOURS),
    ("button_text", "button", TEXT),
    ("error", "card", TEXT),
    ("error", "paper", TEXT),
    ("field", "card", SHAPE),
    ("field", "paper", SHAPE),
    ("button", "card", SHAPE),
    ("button", "paper", SHAPE),
    ("accent", "card", SHAPE),
    ("accent", "paper", SHAPE),
)
"""Which colour stands on which, and the least contrast between them."""

Colour = tuple[int, int, int]

_NAMES: dict[str, Colour] = {"white": (255, 255, 255), "black": (0, 0, 0)}


def read_colour(text: str) -> Colour | None:
    """Return a colour of CSS as red, green and blue; None for what is not a plain opaque colour."""
    written = text.strip().lower()
    if written in _NAMES:
        return _NAMES[written]
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", written):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := re.fullmatch(r"rgb\((\d{1,3}),(\d{1,3}),(\d{1,3})\)", written.replace(" ", "")):
        return min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255)
    return None


def luminance(colour: Colour) -> float:
    """Return how much light the colour gives, 0 to 1. Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(front: Colour, back: Colour) -> float:
    """Return the ratio of text to what is behind it, 1 to 21. Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((luminance(front), luminance(back)))
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(palette: Mapping[str, str]) -> Iterator[tuple[str, str, float, float]]:
    """Yield each pair of a palette that is hard to read: the two names, their contrast, and the least there must be.

    A colour that cannot be read as one is passed over: it is another problem.
    """
    for front, back, least in PAIRS:
        one, other = read_colour(palette[front]), read_colour(palette[back])
        if one is not None and other is not None and (found := contrast(one, other)) < least:
            yield front, back, found, least


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
