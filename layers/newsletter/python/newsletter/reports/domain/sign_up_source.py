"""Where a sign-up came from, as far as it can be counted without saying anything of one reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from newsletter.readers.campaign import campaign_of

NOT_SAID = "not_said"
BY_HAND = "by_hand"
"""Added or imported by the team: what stands in the receipt is a sentence, perhaps about one person."""

OTHER = "other"

NEW_ADDRESS = "new_address"
"""A reader who changed the address: where they once signed up is in the record of the old one, which is gone."""

SOURCE_WORDS = {
    "/": "the archive’s front page",
    BY_HAND: "added or imported by the team",
    NOT_SAID: "a form that does not say where it stands",
    NEW_ADDRESS: "changed their address",
    OTHER: "elsewhere",
}
"""What editors read in place of sources that are no address of a page."""

BEHIND = " · "
"""Stands between a page and the campaign that led to it; no name of a page holds a blank."""

FEWEST_OF_CAMPAIGN = 3
"""Fewer readers of one campaign count with its page: a link that was mailed to one person may bear their name."""

MOST_SOURCES = 20
"""Of one report; the rest is one line. Forms are public, and anybody may send any name of a page."""

MOST_COUNTED = 1_000
"""Names of sources that are told apart while they are counted."""

_NAME = re.compile(r"/?[A-Za-z0-9][A-Za-z0-9._~/-]{0,99}")
"""Of a page, or a word that a website gave its form; an address of somebody has an @, and a sentence has spaces."""


def countable_source(page: str) -> str:
    """Return the page or the form that somebody signed up on, else one of the words above.

    Of the query of a page only the campaign is left: `www.example.org/about · linkedin / social / launch`.
    """
    if not page:
        return NOT_SAID
    name = re.sub(r"(?i)^https?://", "", re.split(r"[?#]", page)[0]).rstrip("/") or "/"
    if name == "/" or _NAME.fullmatch(name):
        campaign = campaign_of(page)
        return f"{name}{BEHIND}{campaign}" if campaign else name
    return BY_HAND if " " in page else OTHER


def most_common_sources(counted: Mapping[str, int]) -> dict[str, int]:
    """Return the sources that most readers came from, the most first, and the others as one.

    Campaigns that brought fewer than three readers are counted with their page.
    """
    folded: Counter[str] = Counter()
    for source, number in counted.items():
        folded[source if number >= FEWEST_OF_CAMPAIGN else source.partition(BEHIND)[0]] += number
    ordered = folded.most_common()
    shown = Counter(dict(ordered[:MOST_SOURCES]))
    shown[OTHER] += sum(number for _, number in ordered[MOST_SOURCES:])
    return {source: number for source, number in shown.items() if number}
