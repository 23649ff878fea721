"""One thing that a publisher asks of readers, as `settings/fields.yaml` defines it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from newsletter.core.language import msg
from newsletter.core.text import one_line
from newsletter.errors import InvalidAnswerError

MOST_READER_FIELDS = 8
"""Each one more on a form costs sign-ups, and a column in every list."""

LONGEST_VALUE = 160
"""Characters of one value: as many as the name of a company in the United Kingdom can have."""

LONGEST_OPTION = 80
"""Characters of an option, so that a list of them fits on a telephone."""

FORM_PREFIX = "field."
"""Of the name that a field has in forms, in answers to programs and in the columns of a list."""


class FieldKind(StrEnum):
    """What a value can be; values are stored as text."""

    TEXT = "text"
    """One line."""
    CHOICE = "choice"
    """One of the options."""
    YES_NO = "yes/no"
    """`yes` or `no`."""
    DATE = "date"
    """A day: `2026-12-31`."""


class AskedOn(StrEnum):
    """Which form asks for a field."""

    SIGN_UP = "sign-up"
    PREFERENCES = "preferences"


KINDS = frozenset(FieldKind)

YES, NO = "yes", "no"
_SAID_YES = frozenset({"yes", "true", "1", "on", "y"})
_SAID_NO = frozenset({"no", "false", "0", "off", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderField:
    """One thing that is asked of readers."""

    key: str
    kind: FieldKind = FieldKind.TEXT
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What a form calls it, by language; under "" for every language that has none of its own."""
    help_texts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What stands below it, by language in the same way; empty where nothing does."""
    options: tuple[str, ...] = ()
    """Of a choice."""
    required: bool = False
    """Whether nobody signs up without it. It is never demanded of whoever is on the list already."""
    asked_on: frozenset[AskedOn] = frozenset(AskedOn)

    @property
    def form_name(self) -> str:
        """Its name in forms and columns."""
        return f"{FORM_PREFIX}{self.key}"

    @property
    def can_be_shown(self) -> bool:
        """Whether an issue can show its value to the reader; "yes" in the middle of a sentence says nothing."""
        return self.kind is not FieldKind.YES_NO

    @property
    def longest(self) -> int:
        """Characters of the longest value; of a choice, of any option that it may have had."""
        return {FieldKind.TEXT: LONGEST_VALUE, FieldKind.CHOICE: LONGEST_OPTION, FieldKind.DATE: len("2026-12-31")}.get(
            self.kind, len(YES)
        )

    def label(self, lang: str = "") -> str:
        """Return what a form in this language calls it."""
        return in_language(self.labels, lang) or self.key

    def help_text(self, lang: str = "") -> str:
        """Return what stands below it on a form in this language."""
        return in_language(self.help_texts, lang)

    def offered(self, value_now: str = "") -> tuple[str, ...]:
        """Return the options of a form; the one that somebody has is among them, though it may be gone for others."""
        gone = value_now and self.kind is FieldKind.CHOICE and value_now not in self.options
        return (*self.options, value_now) if gone else self.options

    def value_of(self, typed: str) -> str:
        """Return what was typed as it is kept: one line, an option, `yes` or `no`, or a day; empty for nothing.

        Raises:
            InvalidAnswerError: It is not what this field can hold.
        """
        value = _cleaned(typed)
        if not value:
            return ""
        match self.kind:
            case FieldKind.CHOICE:
                folded = {option.casefold(): option for option in reversed(self.options)}
                if value.casefold() not in folded:
                    raise InvalidAnswerError(msg("Please choose one of the options."))
                return folded[value.casefold()]
            case FieldKind.YES_NO:
                if value.lower() not in _SAID_YES | _SAID_NO:
                    raise InvalidAnswerError(msg("Please choose yes or no."))
                return YES if value.lower() in _SAID_YES else NO
            case FieldKind.DATE:
                return _day(value)
            case FieldKind.TEXT:
                return value

    def as_held(self, position: int) -> dict[str, Any]:
        """Return it for the house style. Shape: its attributes but the key, and `position` from 0."""
        return {
            "position": position,
            "kind": str(self.kind),
            "labels": dict(self.labels),
            "help_texts": dict(self.help_texts),
            "options": list(self.options),
            "required": self.required,
            "asked_on": sorted(map(str, self.asked_on)),
        }


def fields_from_held(held_fields: Mapping[str, Mapping[str, Any]]) -> tuple[ReaderField, ...]:
    """Return the fields that `as_held` wrote, by key, in their order.

    One of a kind that only a newer release knows is left out: nobody is asked what could not be checked.
    """
    known = {key: held for key, held in held_fields.items() if isinstance(held, Mapping) and held.get("kind") in KINDS}
    in_order = sorted(known.items(), key=lambda pair: pair[1].get("position", 0))
    return tuple(
        ReaderField(
            key=key,
            kind=FieldKind(held["kind"]),
            labels=held.get("labels", {}),
            help_texts=held.get("help_texts", {}),
            options=tuple(held.get("options", ())),
            required=bool(held.get("required")),
            asked_on=frozenset(each for each in AskedOn if each in held.get("asked_on", ())),
        )
        for key, held in in_order
    )


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """Return the text in this language, else the one for every language, else the first there is."""
    return texts.get(lang) or texts.get("") or next(iter(texts.values()), "")


def _cleaned(typed: str) -> str:
    # The size first: what follows looks at every character.
    if len(typed) > 2 * LONGEST_VALUE:
        raise InvalidAnswerError(TOO_LONG)
    value = one_line(typed)
    if len(value) > LONGEST_VALUE:
        raise InvalidAnswerError(TOO_LONG)
    # What is made of spaces without width and the like would be a blank in a sentence.
    return value if any(unicodedata.category(each)[0] in "LNPS" for each in value) else ""


TOO_LONG = msg("At most 160 characters fit here.")


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as exc:
        raise InvalidAnswerError(msg("Please write the day like 2026-12-31.")) from exc
