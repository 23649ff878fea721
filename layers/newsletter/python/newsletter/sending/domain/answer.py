"""What SES says about one recipient of one call: an outcome, try again, or stop until something is mended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import OUTAGE_SENTENCE, PausedBy


class Retry(StrEnum):
    """SES provably did not accept, and can later: not an outcome."""

    OVER_RATE = "over the rate"
    """Too many recipients a second. Never counted, and all workers slow down."""
    TOO_MANY_CALLS = "too many calls"
    """The call was refused before anybody in it was looked at. Never counted, and all workers slow down."""
    PASSING = "passing fault"
    """A fault of the moment. Never counted."""
    FAILED = "failed"
    """SES could not process it. Counted: after a few times it is `Outcome.GAVE_UP`."""


SLOWER = frozenset({Retry.OVER_RATE, Retry.TOO_MANY_CALLS})
"""Answers that ask for a slower pace."""


@dataclass(frozen=True, slots=True)
class Pause:
    """SES takes nobody until something is mended: the send is held, and the recipients go on waiting."""

    by: PausedBy
    because: str
    """A sentence for the editors, with the remedy."""
    heals: bool = False
    """Whether the account itself shows when it is over, so that the send can go on alone."""
    of_bulk: bool = False
    """Whether SES may take the same recipients one a call, though not together."""


Answer = Outcome | Retry | Pause

UNCLEAR: frozenset[Answer] = frozenset({Outcome.UNKNOWN, Retry.PASSING})
"""What SES says in an outage: 5xx, no answer in time, a connection that breaks off or is refused."""

OUTAGE = Pause(PausedBy.OUTAGE, OUTAGE_SENTENCE, heals=True)

ISSUE_REFUSED = Pause(
    PausedBy.SES,
    "SES refuses the issue for every reader it was tried with. The log of the function send names the reason; an"
    " attachment or an address in the headers is a usual one. Cancel the send, or mend the cause and resume it.",
)
"""Also the sentence that editors and operators read."""
