"""Stand-ins: words that keep a place in a text while Markdown, sanitiser and style inliner work on it.

A stand-in is made of letters and digits only, so every tool leaves it alone, and it holds part of the hash of
the file, so no author can have written it. At the end it becomes an SES variable, or what the web page shows.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection

from newsletter.issues.domain.issue import FieldPlaceholder
from newsletter.issues.domain.personal import (
    BACKSLASH,
    BRACE,
    CLOSING_BRACE,
    FIELD,
    NAME,
    PLACEHOLDER,
    VARIABLE,
    field_variable,
    name_variable,
)


class StandIns:
    """The stand-ins of one issue, and what each of them becomes in the end."""

    def __init__(self, source_hash: str, field_keys: Collection[str] = ()) -> None:
        """Begin without any.

        Args:
            source_hash: Of the file of the issue.
            field_keys: Of the fields of readers that a placeholder can name.
        """
        self._field_keys = field_keys
        self._mark = f"zq{source_hash[:24]}"
        self.pattern = rf"{self._mark}[a-y]+\d*zz"
        """What every stand-in of this issue looks like."""
        self._found = re.compile(rf"{self._mark}([a-y]+)(\d*)zz")
        self.fallbacks: list[str] = []
        self.fields: list[FieldPlaceholder] = []
        self.unsubscribe_url = f"{self._mark}unsubscribezz"
        self.preferences_url = f"{self._mark}preferenceszz"
        self.vote_url = f"{self._mark}votezz"
        self._brace = f"{self._mark}bracezz"

    def name(self, fallback: str) -> str:
        """Return the stand-in for the reader's name."""
        fallback = " ".join(fallback.split())
        if fallback not in self.fallbacks:
            self.fallbacks.append(fallback)
        return f"{self._mark}name{self.fallbacks.index(fallback)}zz"

    def field(self, key: str, fallback: str) -> str:
        """Return the stand-in for what a reader answered to a field."""
        placeholder = FieldPlaceholder(key, " ".join(fallback.split()))
        if placeholder not in self.fields:
            self.fields.append(placeholder)
        return f"{self._mark}field{self.fields.index(placeholder)}zz"

    def of_placeholder(self, placeholder: re.Match[str]) -> str | None:
        """Return the stand-in for a placeholder; None if it names nothing that we know, or has no fallback."""
        key, fallback = placeholder[1], placeholder[2]
        if not fallback.strip():
            return None
        if key == NAME:
            return self.name(fallback)
        return self.field(key, fallback) if key in self._field_keys else None

    def placeholders(self, text: str) -> str:
        """Return the text with each `{{ name | there }}` or `{{ organisation | your organisation }}` as a stand-in."""
        return PLACEHOLDER.sub(lambda found: self.of_placeholder(found) or found[0], text)

    def braces(self, text: str) -> str:
        """Return the text with each literal "{" as a stand-in: SES must never see one of ours."""
        return text.replace("{", self._brace)

    def within(self, text: str) -> bool:
        """Return whether the text holds a stand-in."""
        return self._mark in text

    def plain(self, text: str) -> str:
        """Return the text as a reader of whom nothing is known sees it."""
        return self._fill(text, personal=self._fallback, brace="{")

    def web_html(self, text: str) -> str:
        """Return HTML for the page and the feeds, where nobody has a name."""
        return self._fill(text, personal=lambda kind, index: html.escape(self._fallback(kind, index)), brace="{")

    def mail_html(self, text: str) -> str:
        """Return HTML in which only SES variables are left in double braces."""
        filled = self._fill(text, personal=_personal_variable("html"), brace="&#123;")
        return _guarded(filled, backslash="&#92;", closing_brace="&#125;")

    def mail_text(self, text: str) -> str:
        """Return text or subject in which only SES variables are left in double braces."""
        filled = self._fill(
            self.braces(text),
            personal=_personal_variable("text"),
            brace=_variable(BRACE),
        )
        return _guarded(filled, backslash=_variable(BACKSLASH), closing_brace=_variable(CLOSING_BRACE))

    def _fallback(self, kind: str, index: int) -> str:
        return self.fallbacks[index] if kind == NAME else self.fields[index].fallback

    def _fill(self, text: str, *, personal: Callable[[str, int], str], brace: str) -> str:
        def fill(found: re.Match[str]) -> str:
            match found[1]:
                case "name" | "field":
                    return personal(found[1], int(found[2]))
                case "brace":
                    return brace
                case kind:
                    return _variable(f"{kind}_url")

        return self._found.sub(fill, text)


_BACKSLASHES = re.compile(r"(?<!\\)\\+(?=\{\{)")
"""Template engines read a backslash before a variable as an escape, so ours must not stand there.

Each run is tried once, from its beginning: a file of nothing but backslashes would take the square of its length."""

_CLOSING_BRACES = re.compile(rf"(?P<variable>{VARIABLE.pattern})(?P<braces>\}}+)")
"""Any `}` that an author wrote right after a placeholder: three in a row end another kind of variable."""


def _guarded(template: str, *, backslash: str, closing_brace: str) -> str:
    """Return the template without an author's backslash just before a variable, or an author's `}` just after one."""
    behind = _CLOSING_BRACES.sub(lambda found: found["variable"] + closing_brace * len(found["braces"]), template)
    return _BACKSLASHES.sub(lambda found: backslash * len(found[0]), behind)


def _personal_variable(part: str) -> Callable[[str, int], str]:
    names = {NAME: name_variable, FIELD: field_variable}
    return lambda kind, index: _variable(names[kind](index, part))


def _variable(key: str) -> str:
    return "{{" + key + "}}"
