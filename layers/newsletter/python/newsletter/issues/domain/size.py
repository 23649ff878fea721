"""The size of a mail, for the reader for whom it gets largest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.core.language import NAMES, language_hint
from newsletter.core.link_token import Purpose, SigningKeys
from newsletter.core.links import Links
from newsletter.core.reader_fields.reader_field import LONGEST_VALUE
from newsletter.core.text import LONGEST_NAME
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables

GMAIL_CLIPS_AT = 102_000
"""Bytes of HTML. Gmail cuts a longer mail off and hides its end, and with it the way to unsubscribe. Google names no
figure; those who measured say 102 KB, and the smaller kind of kilobyte is the safe reading.
Source: https://github.com/hteumeuleu/email-bugs/issues/41"""

ROOM = 10_000
"""Bytes to spare: what a forwarding list or a company's scanner adds."""


@dataclass(frozen=True, slots=True)
class MailSize:
    """Bytes of the two parts, in UTF-8, before the mail is encoded for its way."""

    html: int
    text: int


def worst_case(rendered: RenderedIssue, public_url: str) -> MailSize:
    """Return the size for a reader with the longest name and the longest links there can be."""
    links = Links(public_url, SigningKeys("any key: all signatures have one length"))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    urls: dict[str, Any] = {
        "unsubscribe_url": links.to(Purpose.UNSUBSCRIBE, _ANY_ID, now=now, lang=_LONGEST_HINT),
        "preferences_url": links.to(Purpose.PREFERENCES, _ANY_ID, now=now, lang=_LONGEST_HINT),
        "vote_url": links.to_vote(rendered.slug, _ANY_ID, now=now, lang=_LONGEST_HINT),
    }
    nameless = variables(rendered, name="", **urls)  # a fallback of the author can be longer than any name
    # Six bytes a letter: an apostrophe is "&#x27;" in HTML. In the text no letter has more than four.
    in_html = variables(rendered, name="'" * LONGEST_NAME, field_values=_longest(rendered, "'"), **urls)
    letter = "\U0001d400"
    in_text = variables(rendered, name=letter * LONGEST_NAME, field_values=_longest(rendered, letter), **urls)
    return MailSize(
        html=_bytes(rendered.html, _larger(nameless, in_html)), text=_bytes(rendered.text, _larger(nameless, in_text))
    )


def _longest(rendered: RenderedIssue, letter: str) -> dict[str, str]:
    return {each.key: letter * LONGEST_VALUE for each in rendered.field_placeholders}


def _larger(some_values: Mapping[str, str], other_values: Mapping[str, str]) -> dict[str, str]:
    """Return of each variable the larger value: somebody may have answered one field and not the other."""
    return {
        name: max(some_values[name], other_values[name], key=lambda text: len(text.encode())) for name in some_values
    }


def _bytes(template: str, values: Mapping[str, str]) -> int:
    return len(substitute(template, values).encode())


_ANY_ID = "f" * 32
_LONGEST_HINT = max(NAMES, key=lambda lang: len(language_hint(lang)))
