"""One look at every send that is under way, also at those whose opening was cut off.

A sequence of jobs: each of them can be repeated, and so can the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.open_send import Opening, open_send


def settle_open_sends(
    settle_one: Callable[[str], Send], *, opening: Opening, now: datetime
) -> Iterator[tuple[str, Send | Exception]]:
    """Settle one send after the other; one that fails holds up none of the others.

    Args:
        settle_one: Looks at the send of this name, and returns it as it stands then.
        opening: What opening a send touches.
        now: The moment.

    Yields:
        The name of a send, and the send as it stands or the error that came in between.
    """
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):  # doubts end in a paused send too
        for issue in opening.issues.with_status(status):
            try:
                if opening.sends.get(issue.slug) is None:
                    open_send(issue, opening=opening, now=now)  # cut off between the lock and the header
                result: Send | Exception = settle_one(issue.slug)
            except Exception as exc:  # whatever it is, the others come next; whoever asked for this look reports it
                result = exc
            yield issue.slug, result
