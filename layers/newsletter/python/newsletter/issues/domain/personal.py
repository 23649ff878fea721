"""The parts of a mail that differ from reader to reader.

SES puts values into `{{key}}` as they are, so each value is made here for the part it goes to.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from newsletter.core.text import one_line
from newsletter.issues.domain.issue import RenderedIssue

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


def variables(rendered: RenderedIssue, *, name: str, unsubscribe_url: str, preferences_url: str) -> dict[str, str]:
    """Return the value of every variable that `rendered` may hold, for one reader."""
    reader_name = one_line(name)
    values = {
        "unsubscribe_url": unsubscribe_url,
        "preferences_url": preferences_url,
        BRACE: "{",
        CLOSING_BRACE: "}",
        BACKSLASH: "\\",
    }
    for index, fallback in enumerate(rendered.name_fallbacks):
        shown = reader_name or fallback
        values[name_variable(index, "text")] = shown
        values[name_variable(index, "html")] = html.escape(shown).replace("{", "&#123;")
    return values


def substitute(template: str, variables: Mapping[str, str]) -> str:
    """Return the template with each `{{key}}` replaced once; values are not looked at again.

    Raises:
        KeyError: The template asks for a variable that has no value.
    """
    return VARIABLE.sub(lambda found: variables[found.group(1)], template)
