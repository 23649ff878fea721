"""A reply to an issue: it goes to a mailbox of people, and a copy of its envelope to ours, which counts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

REMEMBERED = timedelta(days=31)
"""How long a second reply of a reader to an issue is known to be one; a talk about an issue is over by then."""


class ReplyResult(StrEnum):
    """What became of a reply, as it stands in the log."""

    THANKED = "thanked"
    """Counted, and its writer gets thanks."""
    COUNTED = "counted"
    """Counted; who wrote it is not proved by DMARC, so nobody is mailed for it."""
    AGAIN = "again"
    """This reader's replies to this issue are counted already."""
    MACHINE = "machine"
    """Of an out-of-office program, a list or a mail server; nobody waits for an answer."""
    STRANGER = "stranger"
    """Its writer is no confirmed reader."""
    FORGED = "forged"
    """The address that it came to is not one of ours."""


@dataclass(frozen=True, slots=True)
class ReplyMark:
    """Stands for one reader's replies to one issue."""

    issue_half: str
    """Stands for the issue, as the address that its emails name for replies says it."""
    mark: str
    """Stands for the reader in this issue; nobody can tell which without the keys."""
    noted_on: datetime

    @property
    def forgotten_at(self) -> datetime:
        """When the mark may be forgotten: at the same moment for all of a day."""
        return datetime.combine(self.noted_on.date(), time(0), UTC) + REMEMBERED
