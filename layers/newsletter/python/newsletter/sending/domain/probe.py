"""A probe: messages to SES's own mailbox, whose Send events show that the evidence arrives, and how far it is read.

That SES reported nothing about a recipient proves something only if reports arrive at all. A probe is handed over
behind the call in doubt; when SES has reported it, and nothing waits to be read, whatever there was to say about the
call has been said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOCKS_APART = timedelta(minutes=5)
"""A worker's clock is at most this far from that of AWS, which refuses what is signed at another time. A report may
also come this much later than one about a message that left at the same moment.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"""

SAMPLE = 30
"""Messages whose reports must have arrived, all of them, before one that is missing means something: issues of this
send that SES answered, and probes where those are too few."""

AT_ONCE = 10
"""Most messages of one probe: fewer than a second's worth for a new account."""

LOST_AFTER = timedelta(days=1)
"""A probe that is not back by then is replaced by another; until then there is no proof, since reports get lost."""


class ProbeAnswer(StrEnum):
    """What SES said to a probe."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For a reason that the next call of a worker meets too, and explains."""
    LATER = "later"
    """Too fast; ask again."""
    UNCLEAR = "unclear"
    """No answer, or a fault of SES: it may have accepted."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of handing over a probe."""

    answer: ProbeAnswer
    probe_id: str = ""
    accepted: int = 0
    """Messages that SES took for sure."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The last probe of a send."""

    asked_at: datetime
    probe_id: str = ""
    size: int = 0
    """Messages of it that SES took. None: SES gave no clear answer, or asked for patience."""
    returned: int = 0
    """Messages of the complete probes before it, without a lost one since."""

    @property
    def is_out(self) -> bool:
        """Whether its reports are expected."""
        return self.size > 0


@dataclass(frozen=True, slots=True)
class Returned:
    """What SES has reported of a probe."""

    messages: int
    mailed_at: datetime
    """When SES accepted the first of them, by the clock of SES."""


@dataclass(frozen=True, slots=True)
class EvidenceRead:
    """How far the evidence is read."""

    until: datetime | None = None
    """SES took nothing in calls that ended before this without our knowing it. None: nobody can say."""
    too_few: bool = False
    """Whether all that is missing is a larger sample."""
    waits_for: str = ""
    """A sentence for whoever waits for it."""


def clocks_apart(grace: timedelta) -> timedelta:
    """Return by how much two clocks may differ where evidence has this grace: less on a laptop, which has one clock."""
    return min(CLOCKS_APART, grace / 12)
