"""What operators ask of `control`, as JSON: its fields, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from newsletter.errors import InvalidRequestError


def a_day(wish: Mapping[str, Any], name: str) -> date:
    """Return the day in this field.

    Raises:
        InvalidRequestError: It is missing, or no day.
    """
    try:
        return date.fromisoformat(wish[name])
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidRequestError(f'"{name}" should be a day such as "2026-12-29"') from exc


def a_number(wish: Mapping[str, Any], name: str, *, default: int, largest: int) -> int:
    """Return the whole number in this field, from 1 to `largest`; `default` when it is missing.

    Raises:
        InvalidRequestError: It is anything else.
    """
    number = wish.get(name, default)
    if type(number) is not int or not 1 <= number <= largest:
        raise InvalidRequestError(f'"{name}" should be a whole number from 1 to {largest}')
    return number
