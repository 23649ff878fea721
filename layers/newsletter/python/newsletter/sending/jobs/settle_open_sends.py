"""One look at every send that is under way, also at those whose opening was cut off.

A sequence of jobs: each of them can be repeated, and so can the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.errors import StoreBusyError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.open_send import Opening, open_send


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at all sends brought."""

    sends: list[Send] = field(default_factory=list)
    """As they stand now."""
    errors: dict[str, Exception] = field(default_factory=dict)
    """Why a send could not be settled, by its name."""

    @property
    def names(self) -> set[str]:
        """The names of all that were looked at."""
        return {send.slug for send in self.sends} | self.errors.keys()

    def raise_for_errors(self) -> None:
        """Ask for another look, if one is due.

        Raises:
            StoreBusyError: Some sends were not settled.
        """
        if self.errors:
            raise StoreBusyError(f"not settled: {', '.join(self.errors)}")


def settle_open_sends(settle_one: Callable[[str], Send], *, opening: Opening, now: datetime) -> Looked:
    """Settle one send after the other; one that fails holds up none of the others.

    Args:
        settle_one: Looks at the send of this name, and returns it as it stands then.
        opening: What opening a send touches.
        now: The moment.
    """
    looked = Looked()
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):  # doubts end in a paused send too
        for issue in opening.issues.with_status(status):
            try:
                if opening.sends.get(issue.slug) is None:
                    open_send(issue, opening=opening, now=now)  # cut off between the lock and the header
                looked.sends.append(settle_one(issue.slug))
            except Exception as exc:  # whatever it is, the others come next; whoever asked for this look reports it
                looked.errors[issue.slug] = exc
    # Rehearsals, and whatever an issue's status does not tell of. Those that an older version opened are in no list.
    for name in opening.sends.open_sends():
        if name not in looked.names:
            try:
                looked.sends.append(settle_one(name))
            except Exception as exc:
                looked.errors[name] = exc
    return looked
