"""`settings/fields.yaml`: what a publisher asks of readers besides address and name, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from newsletter.core.language import NAMES
from newsletter.core.reader_fields.reader_field import (
    LONGEST_OPTION,
    MOST_READER_FIELDS,
    AskedOn,
    FieldKind,
    ReaderField,
)
from newsletter.errors import InvalidSettingsError
from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.settings_file import FIELDS
from newsletter.issues.settings.settings_text import fields_of, in_order
from newsletter.issues.writing.yaml_fields import Field, lines_of_fields, listed

KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")

TAKEN = frozenset(
    (  # noqa: SIM905 - a list of words reads better as words
        "action altcha confirmed_at consent consent_date email evidence field fields form form_token honeypot lang"
        " left_at meant name network new_email pause_until preferences_url reference signed_up_at source status sure"
        " tag tags token topic topics topics_shown unsubscribe_url url website"
    ).split()
)
"""Names that forms, columns and mails of ours use for something else."""

ATTRIBUTES = ("label", "help", "kind", "options", "required", "asked")
TRANSLATED = ("label", "help")

LONGEST_LABEL = 80
LONGEST_HELP = 200
MOST_OPTIONS = 50

EXAMPLE = "Write the key, and below it, further in: `label: Your organisation`."


def read_fields_file(source: bytes) -> dict[str, dict[str, Any]]:
    """Return the fields of a file. Shape: `ReaderField.as_held`, by key.

    Raises:
        InvalidSettingsError: With every problem, its line and its remedy.
    """
    problems: list[Problem] = []
    fields = fields_of(source, problems)
    lines = lines_of_fields(source.decode("utf-8-sig", "replace")) if fields else []
    problems += _of_keys([(key, line + 1) for key, line in lines])
    found: dict[str, _FieldText] = {key: _FieldText(key, line + 1) for key, line in reversed(lines)}
    for name, text in fields.items():
        key, _, attribute = name.partition(".")
        if not attribute:
            problems.append(Problem(text.line, f"`{name}` says nothing about itself.", EXAMPLE))
        else:
            found[key].attributes[attribute] = text
    described = [found[key].read() for key in dict.fromkeys(key for key, _ in lines)]
    problems += [problem for each in described for problem in each.problems]
    if problems:
        raise InvalidSettingsError(FIELDS, in_order(list(dict.fromkeys(problems))))
    return {each.field.key: each.field.as_held(position) for position, each in enumerate(described) if each.field}


def _of_keys(keys: Sequence[tuple[str, int]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for key, line in keys:
        if key in first:
            remedy = f"Keep one; the first is on line {first[key]}."
            yield Problem(line, f"`{key}` is there twice.", remedy)
            continue
        first[key] = line
        if len(first) == MOST_READER_FIELDS + 1:
            what = f"`{key}` is field number {len(first)}."
            yield Problem(line, what, f"{MOST_READER_FIELDS} are the most: each costs sign-ups. Take one out.")
        if not KEY.fullmatch(key):
            remedy = "Use small letters, digits and _, beginning with a letter, 30 at most; the label is free."
            yield Problem(line, f"“{key[:40]}” cannot be the key of a field.", remedy)
        elif key in TAKEN:
            yield Problem(
                line, f"`{key}` means something else in our forms.", "Choose another key, such as `your_...`."
            )


@dataclass(frozen=True, slots=True)
class _Described:
    field: ReaderField | None
    problems: Sequence[Problem]


@dataclass(slots=True)
class _FieldText:
    """One field as the file says it."""

    key: str
    line: int
    attributes: dict[str, Field] = field(default_factory=dict)
    """By name, `label.cy` for a translation."""
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> _Described:
        """Return the field, or what is wrong with it."""
        self._refuse_unknown()
        labels = self._texts("label", LONGEST_LABEL)
        if not labels:
            self._problem(None, f"`{self.key}` has no label.", "Say what the form calls it: `label: Your organisation`")
        kind = self._choice("kind", tuple(FieldKind), FieldKind.TEXT)
        asked_on = self._several("asked", tuple(AskedOn))
        options = self._options(kind)
        helps, required = self._texts("help", LONGEST_HELP), self._choice("required", ("yes", "no"), "no")
        if self.problems:
            return _Described(None, self.problems)
        reader_field = ReaderField(
            key=self.key,
            kind=FieldKind(kind),
            labels=labels,
            help_texts=helps,
            options=options,
            required=required == "yes",
            asked_on=frozenset(AskedOn(each) for each in asked_on),
        )
        return _Described(reader_field, ())

    def _refuse_unknown(self) -> None:
        for name, text in self.attributes.items():
            attribute, _, lang = name.partition(".")
            if attribute not in ATTRIBUTES:
                near = get_close_matches(attribute, ATTRIBUTES, n=1)
                remedy = f"Did you mean `{near[0]}`?" if near else f"A field has {listed(ATTRIBUTES)}."
                self._problem(text, f"`{attribute}` is not a part of a field.", remedy)
            elif lang and attribute not in TRANSLATED:
                self._problem(text, f"`{attribute}` cannot be translated.", "Write it without languages.")
            elif lang and lang not in NAMES:
                self._problem(text, f"We do not speak “{lang}” yet.", f"The languages are {', '.join(NAMES)}.")

    def _texts(self, attribute: str, longest: int) -> Mapping[str, str]:
        texts: dict[str, str] = {}
        for name, text in self.attributes.items():
            begin, _, lang = name.partition(".")
            if begin != attribute:
                continue
            if text.is_list or not text.text:
                self._problem(text, f"`{self.key}.{name}` is no text.", "Write one line.")
            elif len(text.text) > longest:
                self._problem(
                    text, f"`{self.key}.{name}` has {len(text.text)} characters.", f"{longest} fit on a form."
                )
            texts[lang] = text.text
        return texts

    def _choice(self, attribute: str, allowed: Sequence[str], default: str) -> str:
        text = self.attributes.get(attribute)
        if text is None:
            return default
        if text.is_list or text.text not in allowed:
            self._problem(
                text, f"`{self.key}.{attribute}` is “{text.text[:40]}”.", f"Write {listed(tuple(allowed), 'or')}."
            )
        return text.text

    def _several(self, attribute: str, allowed: Sequence[str]) -> Sequence[str]:
        text = self.attributes.get(attribute)
        if text is None:
            return allowed
        said = [each for each in text.value if each]
        if not said or set(said) - set(allowed):
            self._problem(
                text, f"`{self.key}.{attribute}` is “{text.text[:40]}”.", f"Write {' or '.join(allowed)}, or both."
            )
        return said

    def _options(self, kind: str) -> tuple[str, ...]:
        text = self.attributes.get("options")
        if kind != FieldKind.CHOICE:
            if text is not None:
                self._problem(text, f"`{self.key}` has options and is no choice.", "Add `kind: choice`.")
            return ()
        if text is None or not text.is_list or not any(text.value):
            self._problem(
                text, f"`{self.key}` is a choice without options.", "Write them: `options: [Wales, Scotland]`"
            )
            return ()
        options = tuple(" ".join(each.split()) for each in text.value if each)
        folded = [each.casefold() for each in options]
        if len(set(folded)) < len(folded):
            twice = next(each for at, each in enumerate(options) if each.casefold() in folded[:at])
            self._problem(text, f"“{twice}” is among the options twice.", "Keep one.")
        if len(options) > MOST_OPTIONS or any(len(each) > LONGEST_OPTION for each in options):
            what = f"The options of `{self.key}` do not fit into a list on a form."
            self._problem(text, what, f"Give at most {MOST_OPTIONS} of at most {LONGEST_OPTION} characters.")
        return options

    def _problem(self, text: Field | None, message: str, remedy: str) -> None:
        self.problems.append(Problem(text.line if text else self.line, message, remedy))
