"""The colours of a newsletter in words: what each is for, and how well it can be seen on what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.issues.domain.contrast import PAIRS, contrast, read_colour

SCHEMES = {"light": "By day", "dark": "By night"}

COLOURS = {
    "paper": "Behind everything",
    "card": "Behind text",
    "shade": "Behind code and tables",
    "text": "Text",
    "muted": "Dates and notes",
    "link": "Links",
    "accent": "The line at the top",
    "rule": "Lines between parts",
    "field": "Edges of form fields",
    "button": "Buttons",
    "button_text": "Words on buttons",
    "error": "What is wrong",
}
CODE_COLOURS = {
    "code_comment": "Remarks in code",
    "code_keyword": "Keywords in code",
    "code_name": "Names in code",
    "code_number": "Numbers in code",
    "code_string": "Texts in code",
}
"""Of programs that are quoted in an issue; few newsletters have any."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How well one colour can be seen."""

    good: bool
    """Whether it is enough on all that it stands on (WCAG 2.2, level AA)."""
    sentence: str


def seen(palette: Mapping[str, str]) -> dict[str, Seen]:
    """Return for each colour that stands on another how well it can be seen there."""
    found: dict[str, list[tuple[float, float, str]]] = {}
    for front, back, least in PAIRS:
        one, other = read_colour(palette[front]), read_colour(palette[back])
        if one is not None and other is not None:
            found.setdefault(front, []).append((contrast(one, other), least, back))
    return {front: _in_words(pairs) for front, pairs in found.items()}


def _in_words(pairs: list[tuple[float, float, str]]) -> Seen:
    good = all(ratio >= least for ratio, least, _ in pairs)
    ratios = ", ".join(f"{int(10 * ratio) / 10} on “{(COLOURS[back]).lower()}”" for ratio, _, back in pairs)
    verdict = "AA yes" if good else f"AA no, {pairs[0][1]:g} is the least"
    return Seen(good, f"{verdict}: {ratios}.")
