"""The parts of a mail that differ from reader to reader.

SES puts values into `{{key}}` as they are, so each value is made here for the part it goes to.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

from newsletter.core.reader_fields.answers import NO_VALUES
from newsletter.core.text import LOOKS_LIKE_A_LINK, one_line
from newsletter.issues.domain.issue import RenderedIssue

PLACEHOLDER = re.compile(r"\{\{[ \t]*([a-z][a-z0-9_]*)[ \t]*\|([^{}|\n]+)\}\}")
"""`{{ name | there }}`: the reader's name, or what stands after the bar when we do not know it; with the key of a field
in the place of `name`, what the reader answered to it."""

NAME = "name"
FIELD = "field"
"""What stands before the number in the two kinds of personal variables."""

VARIABLE = re.compile(r"\{\{([a-z0-9_]+)\}\}")
"""The only form of variable we write: no spaces, no paths, nothing to evaluate."""

BRACE = "brace"
"""Stands for an author's own "{" in text and subject, where there is no entity to write it with."""

CLOSING_BRACE = "closing_brace"
"""Stands for an author's own "}" just after a variable: template engines read `{{name}}}` as a mistake."""

BACKSLASH = "backslash"
"""Stands for an author's own backslash just before a variable: template engines read `\\{{` as an escape."""


def name_variable(index: int, part: str) -> str:
    """Return the variable for a name; `part` is "html" or "text"."""
    return f"name_{index}_{part}"


def field_variable(index: int, part: str) -> str:
    """Return the variable for what a reader answered to a field; `part` is "html" or "text"."""
    return f"field_{index}_{part}"


def variables(
    rendered: RenderedIssue,
    *,
    name: str,
    unsubscribe_url: str,
    preferences_url: str,
    vote_url: str = "",
    field_values: Mapping[str, str] = NO_VALUES,
) -> dict[str, str]:
    """Return the value of every variable that `rendered` may hold, for one reader.

    Args:
        rendered: The issue.
        name: Of the reader; empty if it is not known.
        unsubscribe_url: The reader's own link.
        preferences_url: The reader's own link.
        vote_url: The reader's own link, to which the answer is added; for an issue that asks whether it was useful.
        field_values: What the reader answered, by the key of each field.
    """
    reader_name = one_line(name)
    values = {
        "unsubscribe_url": unsubscribe_url,
        "preferences_url": preferences_url,
        BRACE: "{",
        CLOSING_BRACE: "}",
        BACKSLASH: "\\",
    }
    if rendered.asks_whether_useful:
        values["vote_url"] = vote_url
    for index, fallback in enumerate(rendered.name_fallbacks):
        values |= _in_both_parts(name_variable, index, reader_name or fallback)
    for index, placeholder in enumerate(rendered.field_placeholders):
        value = _fit_for_mail(field_values.get(placeholder.key, ""))
        values |= _in_both_parts(field_variable, index, value or placeholder.fallback)
    return values


def _in_both_parts(variable: Callable[[int, str], str], index: int, shown: str) -> dict[str, str]:
    return {variable(index, "text"): shown, variable(index, "html"): html.escape(shown).replace("{", "&#123;")}


def _fit_for_mail(value: str) -> str:
    """Return a value as an email may show it: one line, and nothing that mail programs would make a link of.

    Anybody can type anybody's address into a form, and an advertisement into a field beside it.
    """
    text = one_line(value)
    return "" if LOOKS_LIKE_A_LINK.search(text) else text


def substitute(template: str, variables: Mapping[str, str]) -> str:
    """Return the template with each `{{key}}` replaced once; values are not looked at again.

    Raises:
        KeyError: The template asks for a variable that has no value.
    """
    return VARIABLE.sub(lambda found: variables[found.group(1)], template)
