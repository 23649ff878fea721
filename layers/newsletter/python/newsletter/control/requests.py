"""The fields of a request to `control`, read from JSON and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from newsletter.errors import InvalidRequestError
from newsletter.sending.domain.send import is_send_name


def required_day(request: Mapping[str, Any], name: str) -> date:
    """Return the day in this field.

    Raises:
        InvalidRequestError: It is missing, or no day.
    """
    try:
        return date.fromisoformat(request[name])
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidRequestError(f'"{name}" should be a day such as "2026-12-29"') from exc


def required_text(request: Mapping[str, Any], name: str) -> str:
    """Return the text in this field, without the spaces around it.

    Raises:
        InvalidRequestError: It is missing, empty, or no text.
    """
    text = request.get(name)
    if not isinstance(text, str) or not text.strip():
        raise InvalidRequestError(f'"{name}" should be a text')
    return text.strip()


def send_name(request: Mapping[str, Any]) -> str:
    """Return the name of a send in the field `slug`: an issue's, or that of a rehearsal.

    Raises:
        InvalidRequestError: It is missing, or names nothing.
    """
    field = "slug"
    name = required_text(request, field)
    if not is_send_name(name):
        raise InvalidRequestError(f'"{field}" should be the name of an issue, such as "2026-12-01-more-for-more"')
    return name


def whole_number(request: Mapping[str, Any], name: str, *, default: int, at_most: int) -> int:
    """Return the whole number in this field, from 1 to `at_most`; `default` when it is missing.

    Raises:
        InvalidRequestError: It is anything else.
    """
    number = request.get(name, default)
    if type(number) is not int or not 1 <= number <= at_most:
        raise InvalidRequestError(f'"{name}" should be a whole number from 1 to {at_most}')
    return number
