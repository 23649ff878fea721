"""A file of `settings/`, as a page of the desk shows it and takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.core.language import LANGUAGES
from newsletter.desk.drafts.open_draft import TEMPLATE
from newsletter.issues.domain.settings_file import BRAND, FEEDS, FIELDS, NOTICE, SETTINGS

WORDS_OF = {f"words-{lang}": lang for lang in LANGUAGES}
"""What addresses call the file with the own sentences of a language."""

KEYS: Mapping[str, str] = {
    "brand": BRAND,
    "fields": FIELDS,
    "feeds": FEEDS,
    **{name: f"{SETTINGS}words/{lang}.yaml" for name, lang in WORDS_OF.items()},
    "privacy": NOTICE,
    "new-issue": TEMPLATE,
}
"""Each file that is edited at the desk, by what addresses call it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One version of a file."""

    key: str
    text: str
    version: str = ""
    """In the bucket."""
    etag: str = ""
    saved_by: str = ""
    """As whoever uploaded it says; empty where nobody said."""
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettingVersion:
    """One line of a file's history."""

    version: str
    saved_at: datetime
    removed: bool = False
    """From here on ours was in use."""
    saved_by: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What two people made of one version, put together for the second of them to look at."""

    typed_values: Mapping[str, str]
    """Both changes where they concern different fields; where they do not, the second one's own."""
    other_values: Mapping[str, str] = field(default_factory=dict)
    """Of the fields that both changed: what the first one wrote."""


def meet(base_values: Mapping[str, str], own_values: Mapping[str, str], their_values: Mapping[str, str]) -> Meeting:
    """Put together what two people made of the fields of one version.

    Args:
        base_values: What both began from.
        own_values: What the second one typed.
        their_values: What the first one has saved meanwhile.
    """
    values, clashes = {}, {}
    for name in {**their_values, **own_values}:
        before, own, other = base_values.get(name, ""), own_values.get(name, ""), their_values.get(name, "")
        values[name] = other if own == before else own
        if own not in (before, other) and other != before:
            clashes[name] = other
    return Meeting(values, clashes)
