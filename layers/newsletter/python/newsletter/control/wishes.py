"""What operators ask of `control`, as JSON: its fields, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from newsletter.core.figures import spelled
from newsletter.errors import InvalidRequestError
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import Forecast
from newsletter.sending.domain.send import Send, is_send_name


def a_day(wish: Mapping[str, Any], name: str) -> date:
    """Return the day in this field.

    Raises:
        InvalidRequestError: It is missing, or no day.
    """
    try:
        return date.fromisoformat(wish[name])
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidRequestError(f'"{name}" should be a day such as "2026-12-29"') from exc


def a_text(wish: Mapping[str, Any], name: str) -> str:
    """Return the text in this field, without the spaces around it.

    Raises:
        InvalidRequestError: It is missing, empty, or no text.
    """
    text = wish.get(name)
    if not isinstance(text, str) or not text.strip():
        raise InvalidRequestError(f'"{name}" should be a text')
    return text.strip()


def a_send_name(wish: Mapping[str, Any]) -> str:
    """Return the name of a send in the field `slug`: an issue's, or that of a rehearsal.

    Raises:
        InvalidRequestError: It is missing, or names nothing.
    """
    field = "slug"
    name = a_text(wish, field)
    if not is_send_name(name):
        raise InvalidRequestError(f'"{field}" should be the name of an issue, such as "2026-12-01-more-for-more"')
    return name


def told(send: Send, books: Books) -> dict[str, Any]:
    """Return a send and its books as JSON has them."""
    return {
        "slug": send.slug,
        "state": str(send.state),
        "opened_at": send.opened_at.isoformat(),
        "closed_at": send.closed_at.isoformat() if send.closed_at else None,
        "paused_because": send.paused_because,
        "paused_by": send.paused_by,
        "resume_at": send.resume_at.isoformat() if send.resume_at else None,
        "cancelled_because": send.cancelled_because,
        "round": send.round,
        "forecast": _foretold(send.forecast) if send.forecast else None,
        "expected_end": send.expected_end.isoformat() if send.expected_end else None,
        "books": asdict(books) | {"balanced": books.balanced},
    }


def _foretold(forecast: Forecast) -> dict[str, Any]:
    return {
        "recipients": forecast.recipients,
        "duration": spelled(forecast.duration),
        "seconds": round(forecast.duration.total_seconds()),
        "beyond_quota": forecast.beyond_quota,
        "ses_usd": round(forecast.ses_fee, 2),
        "own_usd": round(forecast.own_fee, 2),
    }


def a_number(wish: Mapping[str, Any], name: str, *, default: int, largest: int) -> int:
    """Return the whole number in this field, from 1 to `largest`; `default` when it is missing.

    Raises:
        InvalidRequestError: It is anything else.
    """
    number = wish.get(name, default)
    if type(number) is not int or not 1 <= number <= largest:
        raise InvalidRequestError(f'"{name}" should be a whole number from 1 to {largest}')
    return number
