"""Where a sign-up came from, as far as it can be counted without saying anything of one reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

NOT_SAID = "not_said"
BY_HAND = "by_hand"
"""Added or imported by the team: what stands in the receipt is a sentence, perhaps about one person."""

OTHER = "other"

MOST_SOURCES = 20
"""Of one report; the rest is one line. Forms are public, and anybody may send any name of a page."""

MOST_COUNTED = 1_000
"""Names of sources that are told apart while they are counted."""

_NAME = re.compile(r"/?[A-Za-z0-9][A-Za-z0-9._~/-]{0,99}")
"""Of a page, or a word that a website gave its form; an address of somebody has an @, and a sentence has spaces."""


def countable_source(page: str) -> str:
    """Return the page or the form that somebody signed up on, without its query; else one of the words above."""
    if not page:
        return NOT_SAID
    name = re.sub(r"(?i)^https?://", "", re.split(r"[?#]", page)[0]).rstrip("/") or "/"
    if name == "/" or _NAME.fullmatch(name):
        return name
    return BY_HAND if " " in page else OTHER


def most_common_sources(counted: Mapping[str, int]) -> dict[str, int]:
    """Return the sources that most readers came from, the most first, and the others as one."""
    ordered = Counter(counted).most_common()
    shown = Counter(dict(ordered[:MOST_SOURCES]))
    shown[OTHER] += sum(number for _, number in ordered[MOST_SOURCES:])
    return {source: number for source, number in shown.items() if number}
