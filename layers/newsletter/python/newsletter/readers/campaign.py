"""What a link to a sign-up page says about itself: `utm_source`, `utm_medium` and `utm_campaign`.

Source: https://support.google.com/analytics/answer/10917952
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

CAMPAIGN_FIELDS = ("utm_source", "utm_medium", "utm_campaign")
"""Those that are read. `utm_term`, `utm_content` and ids of clicks tell single people apart, and are left out."""

LONGEST_VALUE = 30
"""Characters: a page, and three values with their names, are to fit into the 200 that a receipt of consent keeps."""

_VALUE = re.compile(rf"[a-z0-9][a-z0-9._~-]{{0,{LONGEST_VALUE - 1}}}")
"""A word or several with hyphens between. Anybody may write anything into a link: an address of somebody has an @, and
a sentence is no name of a campaign."""


def with_campaign(page: str, fields: Mapping[str, str]) -> str:
    """Return the page of a form, with the campaign that its fields name in its query.

    Args:
        page: As the form said it.
        fields: Of the form, by name.
    """
    given = {name: value for name in CAMPAIGN_FIELDS if (value := _cleaned(fields.get(name, "")))}
    if not given:
        return page
    address, _, query = page.partition("#")[0].partition("?")
    others = [(name, value) for name, value in parse_qsl(query) if name not in CAMPAIGN_FIELDS]
    return f"{address}?{urlencode([*given.items(), *others])}"  # first: what is too long is cut at its end


def campaign_of(page: str) -> str:
    """Return what the query of a page says of its campaign, such as `linkedin / social / launch`; else nothing."""
    given = dict(parse_qsl(page.partition("#")[0].partition("?")[2]))
    return " / ".join(value for name in CAMPAIGN_FIELDS if (value := _cleaned(given.get(name, ""))))


def _cleaned(text: str) -> str:
    words = re.sub(r"[\s_+]+", "-", text.strip().lower())
    return words if _VALUE.fullmatch(words) else ""
