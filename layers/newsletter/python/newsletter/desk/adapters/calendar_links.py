"""The address of the calendar for calendar programs, which cannot sign in: how it is written and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, read, sign
from newsletter.core.team import ID_DIGITS


@dataclass(frozen=True, slots=True)
class CalendarLinks:
    """Makes the addresses, each for one member: it ends with their sessions, or when the keys are changed."""

    public_url: str
    keys: SigningKeys

    def to_feed(self, member_id: str, *, since: datetime) -> str:
        """Return the address of the feed for this member; `since` is the moment from which their sessions count."""
        token = sign(Purpose.CALENDAR, member_id.ljust(2 * ID_BYTES, "0"), self.keys, now=since)
        return f"{self.public_url}/desk/calendar.ics?token={token}"


def read_calendar_link(signed: str, keys: SigningKeys, *, now: datetime) -> tuple[str, datetime]:
    """Return the member for whom an address was made, and the moment in which it speaks.

    Raises:
        InvalidTokenError: Incomplete, altered, or made for another purpose.
    """
    opened = read(Purpose.CALENDAR, signed, keys, now=now)
    return opened.subscriber_id[:ID_DIGITS], opened.made_at
