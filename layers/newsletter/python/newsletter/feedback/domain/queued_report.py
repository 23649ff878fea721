"""A report of SES as it comes out of the queue, and how long it waits when it cannot be recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MOST_RECEPTIONS = 1000
"""SQS gives a message up after so many at most; template.yaml says so of the feedback queue."""

ENOUGH_FAILURES = 3
"""Reports, or steps of recording them, that fail one after the other: it is not they that are at fault."""

SHORTEST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
"""A thousand receptions half an hour apart last longer than the 14 days for which SQS keeps a message."""


MOST_FILES = 20
"""Files of events that one reception reads: each holds about two thousand. What is left over waits for its turn."""

TURN = timedelta(seconds=10)
"""How long that is: longer than a reception of twenty files takes on a whole core."""


@dataclass(frozen=True, slots=True)
class QueuedReport:
    """One message of the feedback queue."""

    message_id: str
    receipt: str
    """Names this reception of the message to SQS."""
    body: str
    receptions: int
    """How often it was handed out, with this time."""
    put_off: bool = False
    """Whether nothing went wrong with it, but the reception held enough without it."""

    @property
    def wait(self) -> timedelta:
        """For how long the message stays out of sight when it cannot be recorded now: twice as long each time."""
        if self.put_off:
            return TURN
        doubled: timedelta = SHORTEST_WAIT * 2 ** min(max(self.receptions, 1) - 1, 5)
        return min(doubled, LONGEST_WAIT)
