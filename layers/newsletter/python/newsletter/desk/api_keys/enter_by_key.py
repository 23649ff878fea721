"""A program shows a key: whether it is let in, and how many more requests it has in this minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.desk.api_keys.api_key import ApiKey, parts_of

if TYPE_CHECKING:
    from newsletter.core.ports import Counters
    from newsletter.desk.api_ports import ApiKeyStore

MOST_A_MINUTE = 120
"""Requests of one key. The gateway turns everybody away at 25 a second, readers too: no program may come near that."""

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RequestAllowance:
    """What is left to a key in the minute at hand."""

    left: int
    seconds: int
    """Until the next minute begins."""
    exceeded: bool = False


def enter_by_key(written: str, *, api_keys: ApiKeyStore, now: datetime) -> ApiKey | None:
    """Return the key that a program shows; None if it is none, or was revoked. It is read anew each time."""
    parts = parts_of(written)
    api_key = api_keys.find(parts[0]) if parts else None
    if parts is None or api_key is None or not api_key.is_opened_by(parts[1]):
        return None
    if api_key.used_on != now.date():  # once a day: which programs still live is all that anybody asks
        api_keys.note_use(api_key.key_id, now.date())
    return api_key


def count_request(api_key: ApiKey, *, counters: Counters, now: datetime) -> RequestAllowance:
    """Count one more request of a key."""
    begun = now.replace(second=0, microsecond=0)
    name = f"api-requests#{api_key.key_id}#{begun:%Y-%m-%dT%H:%M}"
    used = counters.bump(name, expires_at=begun + 2 * WINDOW)
    seconds = max(1, round((begun + WINDOW - now).total_seconds()))
    return RequestAllowance(max(0, MOST_A_MINUTE - used), seconds, exceeded=used > MOST_A_MINUTE)
