"""The files of `settings/` in the content bucket: which there are, and what each may say.

The key of a sentence stands in the templates beside the English one that it replaces: `_("...", own="welcome_text")`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.core.language import LANGUAGES

SETTINGS = "settings/"
BRAND = "settings/brand.yaml"
FIELDS = "settings/fields.yaml"
FEEDS = "settings/feeds.yaml"
NOTICE = "settings/privacy.md"
WORDS = {f"settings/words/{lang}.yaml": lang for lang in LANGUAGES}
"""The file with the publisher's sentences in each language we speak."""

KNOWN = (BRAND, FIELDS, FEEDS, *WORDS)

LARGEST_SETTINGS = 64 * 1024
"""Bytes. Every sentence there is, at its longest, makes a tenth of it."""

PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.(?:png|jpg|jpeg|gif)", re.IGNORECASE)
"""Names that a logo can have."""

EARLIER_FORMS = 100
"""Forms that stood before and that receipts of consent still know: twenty invitations in five languages."""

HEAVIEST_LOGO = 200_000
"""Bytes. It is at the top of every email."""

TALLEST_LOGO = 160
WIDEST_LOGO = 400
DEFAULT_LOGO_WIDTH = 220
"""Pixels as a reader sees them."""


@dataclass(frozen=True, slots=True)
class WantedLogo:
    """The logo that `brand.yaml` names; whether it can be shown is found out by opening it."""

    light: str
    dark: str
    """Names of files in `settings/`; the second is empty where there is none for dark screens."""
    alt: str
    width: int
    line: int


def is_settings_key(key: str) -> bool:
    """Return whether a key of the content bucket lies in `settings/`."""
    return key.startswith(SETTINGS)


PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

ALWAYS_KNOWN = frozenset({"newsletter", "rhythm"})
"""Placeholders that every sentence may hold: the newsletter's name, and how often issues come."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """One sentence, and its limits."""

    where: str
    """Where a reader meets it."""
    longest: int
    """Characters."""
    may_hold: frozenset[str] = ALWAYS_KNOWN
    must_hold: frozenset[str] = frozenset()


NAMED = frozenset({"newsletter"})
RHYTHM_ONLY = frozenset({"rhythm"})

OWN_WORDS: Mapping[str, OwnWords] = {
    "strapline": OwnWords("below the name on the home page, and in the feeds", 200, RHYTHM_ONLY),
    "invitation": OwnWords("above the sign-up form: what a reader agrees to", 120, RHYTHM_ONLY),
    "form_button": OwnWords("on the button of the sign-up form", 40, NAMED),
    "form_note": OwnWords("below the sign-up form", 300),
    "subscribe_heading": OwnWords("heading of the sign-up page", 80),
    "thanks_heading": OwnWords("heading of the page after the form", 80),
    "thanks_text": OwnWords("first paragraph of the page after the form", 500),
    "confirmation_subject": OwnWords("subject of the email that asks to confirm", 100, must_hold=NAMED),
    "confirmation_heading": OwnWords("its heading", 80),
    "confirmation_text": OwnWords("its first paragraph, above the button", 500, must_hold=NAMED),
    "confirmation_button": OwnWords("on its button", 40, NAMED),
    "confirmation_note": OwnWords("its last paragraph, for somebody who did not ask for it", 500),
    "welcome_subject": OwnWords("subject of the email after confirming", 100, must_hold=NAMED),
    "welcome_heading": OwnWords("its heading", 80),
    "welcome_text": OwnWords("its first paragraph", 800),
    "goodbye_heading": OwnWords("heading of the page after unsubscribing", 80),
    "goodbye_text": OwnWords("its first paragraph", 500),
}


def problem_with(key: str, text: str) -> tuple[str, str] | None:
    """Return what is wrong with the words under a key, and what to do about it; None if they can be used."""
    limits = OWN_WORDS[key]
    held = [found[1] for found in PLACEHOLDER.finditer(text)]
    if not text:
        return f"`{key}` is empty.", "Write the words, or remove the line to use ours."
    if len(text) > limits.longest:
        return f"`{key}` has {len(text)} characters; {limits.longest} fit there.", "Shorten it."
    if unknown := [name for name in held if name not in limits.may_hold]:
        return f"`{key}` holds {{{unknown[0]}}}, which nothing fills in.", f"It may hold {_named(limits.may_hold)}."
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        return f"`{key}` holds a single brace.", "Braces stand around placeholders only: {newsletter}."
    if missing := sorted(limits.must_hold.difference(held)):
        return f"`{key}` does not say {{{missing[0]}}}.", f"Put {{{missing[0]}}} where it belongs."
    if "<" in text and re.search(r"</?[a-zA-Z]", text):
        return f"`{key}` holds HTML.", "Write plain words; we set them."
    return None


def _named(names: frozenset[str]) -> str:
    return " and ".join(f"{{{name}}}" for name in sorted(names))
