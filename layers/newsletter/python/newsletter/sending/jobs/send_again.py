"""Somebody sends an issue again: to whom it failed, or to whom it never went. Never to whom it was sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.count_through import count_through
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import OUTCOMES_FORGOTTEN, TAKEN_UP_AFTER, Again, PausedBy, Send, SendState
from newsletter.sending.steering_ports import SteeringPorts

OUTCOMES = {
    Again.FAILED: (Outcome.REJECTED, Outcome.GAVE_UP, Outcome.UNPROVEN, Outcome.RENDERING, Outcome.UNREADABLE),
    Again.REST: (Outcome.CANCELLED, Outcome.LEFT, Outcome.UNCONFIRMED, Outcome.ERASED),
}
"""The workers ask each reader's consent anew, so somebody who left and did not come back is skipped again."""

BECAUSE = {
    Again.FAILED: "Those to whom it failed are being made ready. If this lasts, ask for it again.",
    Again.REST: "Those who did not get it yet are being made ready. If this lasts, ask for it again.",
}


def send_again(slug: str, whom: Again, *, ports: SteeringPorts, now: datetime) -> int:
    """Open the outcomes of these people again, begin another round for the rest, and let the send go on.

    The send is held meanwhile, so nobody closes the books over half of it. Cut off, it stays held with a sentence
    that says so, and asking again does the rest. A send that a person holds is prepared and stays held.

    Returns:
        How many wait again; people who joined since come on top of them.

    Raises:
        UnknownSendError: There is no such send.
        InvalidRequestError: It is not in a state for this, or its issue was withdrawn.
    """
    send = ports.sends.get(slug)
    record = ports.issues.get(slug)
    if send is None or record is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    if send.outcomes_forgotten_at:
        raise InvalidRequestError(OUTCOMES_FORGOTTEN.format(slug=slug, on=send.outcomes_forgotten_at.date()))
    if record.withdrawn:
        raise InvalidRequestError(f"the file of {slug} was removed; put it back before it is sent again")
    if record.held:
        raise InvalidRequestError(f"{slug} is on hold, and its page is not public; release it before it is sent again")
    by_person = send.state is SendState.PAUSED and send.preparing is None
    if send.preparing is not whom and not (by_person and whom is Again.FAILED):
        rest = whom is Again.REST
        held = ports.sends.change(slug, lambda it: it.held_for_another_try(BECAUSE[whom], whom=whom, now=now))
        if held is None:
            remedy = (
                "wait until its books are closed, or cancel it first" if rest else "wait until its books are closed"
            )
            raise InvalidRequestError(f"the send of {slug} is {send.state}; {remedy}")
    ports.issues.set_status(slug, IssueStatus.PAUSED)
    count = sum(_opened(send, batch, OUTCOMES[whom], ports, now) for batch in ports.sends.batches(slug))
    # Should somebody have resumed it meanwhile, and settle have closed it: the books are counted again.
    ports.sends.change(slug, Send.to_be_counted_again)
    if not by_person:
        ports.queues.settle(slug, delay=TAKEN_UP_AFTER)
        ports.sends.resume(slug, paused_by=PausedBy.PERSON, now=now)
        ports.issues.set_status(slug, IssueStatus.SENDING)
        ports.publish_queue.refresh_archive(slug, then_plan=True)
        ports.sends.change(slug, Send.with_planners_called)
        ports.queues.settle(slug)
    return count


def _opened(send: Send, batch: Batch, outcomes: Collection[Outcome], ports: SteeringPorts, now: datetime) -> int:
    """Let these wait again; return how many do. Whom SES is known to have accepted is sent, not mailed again."""
    current: Batch | None = batch

    def attempt() -> int | Literal[Race.LOST]:
        nonlocal current
        if current is None or not current.with_outcome(*outcomes):
            return 0
        after = current.retried(outcomes, ports.evidence.accepted(current.slug, current.after), now=now)
        if after is None:
            return 0  # a worker holds it
        if ports.sends.replace(current, after):
            count_through(current, after, send=send, sends=ports.sends, queues=ports.queues)
            return len(after.waiting) - len(current.waiting)
        current = ports.sends.batch(batch.slug, batch.after)
        return LOST

    return win(attempt, busy=f"a batch of {batch.slug} is being changed at the same moment; ask again")
