"""What became of one reader in one send, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.part import is_in_part
from newsletter.sending.domain.batch import BatchState, rounds_to
from newsletter.sending.domain.outcome import WAITING
from newsletter.sending.domain.send import OUTCOMES_FORGOTTEN, Send
from newsletter.sending.readers_of_issue import readers_of_send
from newsletter.sending.steering_ports import ControlPorts

if TYPE_CHECKING:
    from newsletter.readers.ports import SubscriberStore
    from newsletter.sending.ports import AcceptedRecipients, SendStore

NOT_IN_AUDIENCE = "not in the audience"


@dataclass(frozen=True, slots=True)
class Found:
    """What is on record."""

    subscriber_id: str
    outcome: str
    """An outcome, "waiting" or "not in the audience"."""
    why: str = ""
    """A sentence, where the outcome does not say it all."""
    batch: str = ""
    proved: bool = False
    """Whether an event of SES shows that it took the message."""


def look_up_outcome(slug: str, email: str, *, ports: ControlPorts) -> Found:
    """Return the outcome of whoever reads at this address.

    Raises:
        UnknownSendError, InvalidRequestError: As `look_up_by_id`.
        InvalidEmailError: The address cannot be an address.
    """
    subscriber_id = ports.addresses.subscriber_id(ports.addresses.mailbox(email))
    return look_up_by_id(
        slug, subscriber_id, sends=ports.sends, evidence_store=ports.evidence, subscribers=ports.subscribers
    )


def look_up_by_id(
    slug: str, subscriber_id: str, *, sends: SendStore, evidence_store: AcceptedRecipients, subscribers: SubscriberStore
) -> Found:
    """Return the outcome of one reader; three reads, however large the send is.

    Raises:
        UnknownSendError: There is no such send.
        InvalidRequestError: What became of single readers is forgotten.
    """
    send = sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    if send.outcomes_forgotten_at:
        raise InvalidRequestError(OUTCOMES_FORGOTTEN.format(slug=slug, on=send.outcomes_forgotten_at.date()))
    for number in reversed(rounds_to(send.round)):
        batch = sends.batch_of(slug, subscriber_id, round_number=number)
        if batch is not None:
            outcome = batch.outcome_of(subscriber_id)
            proved = subscriber_id in evidence_store.accepted(slug, batch.after)
            held = batch.state is BatchState.CLAIMED and outcome is None
            why = "A worker has the batch in hand." if held else ""
            return Found(subscriber_id, outcome or WAITING, why=why, batch=batch.after, proved=proved)
    return Found(subscriber_id, NOT_IN_AUDIENCE, why=_why_not(subscribers.get(subscriber_id), send))


def _why_not(subscriber: Subscriber | None, send: Send) -> str:
    if subscriber is None:
        return "Nobody with this address is on the list."
    if subscriber.suppressed:
        return "The address bounced, or its owner complained."
    if subscriber.status is Status.UNSUBSCRIBED:
        return "They have left."
    if subscriber.status is not Status.CONFIRMED:
        return "They have not confirmed."
    if not is_in_part(subscriber, readers_of_send(send).expression):
        return f"It goes to a part of the list, and they are not in it: {readers_of_send(send).in_words}."
    if subscriber.confirmed_at is not None and subscriber.confirmed_at > send.opened_at:
        return "They confirmed after the audience was counted. Sending to the rest includes them."
    return "They are on the list; their part of the audience is not planned yet, or was cancelled."
