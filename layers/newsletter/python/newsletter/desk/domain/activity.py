"""An activity: who did what to what, when, and from which session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=366)
"""A year, so that the same issue of last year can be compared."""


BY_LINK = "mailed link"
AT_COMMAND_LINE = "command line"
"""In place of a session, where there is none."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the log. Nobody can change or remove one."""

    at: datetime
    actor: str
    """The person's name or address, or an identity of AWS."""
    did: str
    """A verb, such as "approve" or "sign in"."""
    what: str = ""
    """An issue, a send, a member, a day; empty where the verb says it all."""
    details: str = ""
    session: str = ""
    """What the log calls the session, or what there was in place of one."""
