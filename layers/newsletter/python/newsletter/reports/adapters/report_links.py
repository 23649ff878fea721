"""The links to reports in the editors' mails: how they are written and how they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, read, sign
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.reports.domain.report_name import GROWTH
from newsletter.sending.domain.send import is_send_name

TOO_OLD = "the link is too old; ask whoever runs the system for a new one, or for the figures"
"""For editors, and so in no other language than English."""


@dataclass(frozen=True, slots=True)
class ReportLinks:
    """Makes the links."""

    public_url: str
    keys: SigningKeys

    def to_report(self, name: str, *, now: datetime) -> str:
        """Return the address of the report of a send."""
        return self._link({"issue": name}, name, now)

    def to_growth(self, *, now: datetime) -> str:
        """Return the address of the page about the list's growth."""
        return self._link({"growth": "1"}, GROWTH, now)

    def _link(self, query: Mapping[str, str], name: str, now: datetime) -> str:
        token = sign(Purpose.REPORT, _subject(name), self.keys, now=now)
        return f"{self.public_url}/report?{urlencode({**query, 'token': token})}"


def read_report_link(query: Mapping[str, str], keys: SigningKeys, *, now: datetime) -> str:
    """Return the name of the report that the link opens: of a send, or GROWTH.

    Raises:
        InvalidTokenError: Incomplete, altered, or made for another report or purpose.
        ExpiredTokenError: Genuine, but too old.
    """
    try:
        token = read(Purpose.REPORT, query.get("token", ""), keys, now=now)
    except ExpiredTokenError as exc:
        raise ExpiredTokenError(TOO_OLD) from exc
    name = GROWTH if "growth" in query else query.get("issue", "")
    if name != GROWTH and not is_send_name(name):
        raise InvalidTokenError("the link is incomplete; open it from the email again")
    if _subject(name) != token.subscriber_id:
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    return name


def _subject(name: str) -> str:
    """Return what the token speaks for: one report, whatever stands in it by now."""
    return hashlib.sha256(f"report\0{name}".encode()).digest()[:ID_BYTES].hex()
