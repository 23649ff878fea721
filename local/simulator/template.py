"""SES's simple substitution: `{{name}}` becomes the value of `name`, once, unescaped."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\{\{\{(.*?)\}\}\}|\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9_.@\-]+")


class RenderingFailureError(Exception):
    """The template asks for what the data does not have. SES finds out after it accepted the message."""


def _name(match: re.Match[str]) -> str:
    return (match.group(1) or match.group(2) or "").strip()


def variables(template: str) -> tuple[str, ...]:
    """Return the names a template asks for, in the order it asks.

    Raises:
        RenderingFailureError: Braces that are no variable (a block, a helper), or that are never closed.
    """
    if "{{" not in template:
        return ()
    names: dict[str, None] = {}
    for match in _VARIABLE.finditer(template):
        name = _name(match)
        if not _NAME.fullmatch(name):
            raise RenderingFailureError(f"Inline templates support only simple substitutions, not '{match.group(0)}'.")
        if match.group(2) is not None and template.startswith("}", match.end()):
            # As Handlebars has it (4.7.10: "Expecting 'CLOSE', got 'CLOSE_UNESCAPED'"); SES's own engine may be milder.
            raise RenderingFailureError(f"'{match.group(0)}}}' ends with a brace too many.")
        names[name] = None
    if "{{" in _VARIABLE.sub("", template):
        raise RenderingFailureError("A variable in the template is not closed.")
    return tuple(names)


def check(names: tuple[str, ...], data: Mapping[str, object]) -> None:
    """Make sure that the data has every name.

    Raises:
        RenderingFailureError: The first name it has not.
    """
    for name in names:
        if name not in data:
            raise RenderingFailureError(f"Attribute '{name}' is not present in the rendering data.")


def render(template: str, data: Mapping[str, object]) -> str:
    """Return the template with every variable replaced.

    One pass: a value that contains `{{` is not looked at again. Nothing is escaped, in HTML neither: that is how SES
    does it, and why its callers must escape.

    Raises:
        RenderingFailureError: A variable without a value, or braces that are not a variable at all.
    """
    check(variables(template), data)
    return fill(template, data)


def fill(template: str, data: Mapping[str, object]) -> str:
    """Return a template that was checked with every variable replaced."""
    return _VARIABLE.sub(lambda match: _text(data[_name(match)]), template)


def _text(value: object) -> str:
    return "" if value is None else str(value)
