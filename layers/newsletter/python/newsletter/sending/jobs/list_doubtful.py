"""Who may have been mailed twice in a send, and of whom nobody knows whether they were mailed: by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.sending.domain.batch import WORKER_LIFE, Batch, BatchState
from newsletter.sending.domain.outcome import WAITING, Outcome
from newsletter.sending.domain.send import OUTCOMES_FORGOTTEN
from newsletter.sending.steering_ports import ControlPorts

READERS_AT_ONCE = 5000
"""Of one answer, and the rest of the last batch: an answer of Lambda ends at 6 MB."""

IN_DOUBT = "SES gave no clear answer. Its reports will tell, or UnknownPolicy decides."
UNPROVEN = "No proof that SES took the email, and not emailed again. Trying again may email them for the second time."
WAITS = "Waits to be emailed again, though SES may have taken an earlier email."
TWICE = "Emailed again, though SES may have taken an earlier email."
EARLIER = "The last attempt did not reach them, but SES may have taken an earlier email."


@dataclass(frozen=True, slots=True)
class Doubtful:
    """One reader, and what is known."""

    subscriber_id: str
    outcome: str
    """An outcome, or "waiting"."""
    known: str
    """A sentence."""
    repeats: int
    """How often this reader was planned again without proof that SES had not taken the email."""
    reported: bool
    """Whether SES reported that it took an email to this reader."""
    batch: str


@dataclass(frozen=True, slots=True)
class DoubtfulPage:
    """Some of them, in the order of their batches."""

    readers: tuple[Doubtful, ...]
    next: str
    """The batch after which the next page begins; empty at the end."""


def list_doubtful(slug: str, *, after: str = "", ports: ControlPorts, now: datetime) -> DoubtfulPage:
    """Return the readers in doubt whose batches come after this one.

    Raises:
        UnknownSendError: There is no such send.
        InvalidRequestError: What became of single readers is forgotten.
    """
    send = ports.sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    if send.outcomes_forgotten_at:
        raise InvalidRequestError(OUTCOMES_FORGOTTEN.format(slug=slug, on=send.outcomes_forgotten_at.date()))
    found: list[Doubtful] = []
    for batch in ports.sends.batches(slug):
        if batch.after <= after and after:
            continue
        found += _doubtful(batch, ports, now)
        if len(found) >= READERS_AT_ONCE:
            return DoubtfulPage(tuple(found), batch.after)
    return DoubtfulPage(tuple(found), "")


def _doubtful(batch: Batch, ports: ControlPorts, now: datetime) -> Iterator[Doubtful]:
    sentences = {one: sentence for one in batch.ids if (sentence := _known(batch, one, now))}
    reported = ports.evidence.accepted(batch.slug, batch.after) if sentences else frozenset()
    for one, sentence in sentences.items():
        outcome = batch.outcome_of(one) or WAITING
        yield Doubtful(one, outcome, sentence, batch.repeats_of(one), one in reported, batch.after)


def _known(batch: Batch, subscriber_id: str, now: datetime) -> str:
    """Return what is known of a reader in doubt; nothing where there is no doubt."""
    outcome, repeats = batch.outcome_of(subscriber_id), batch.repeats_of(subscriber_id)
    dead = batch.state is BatchState.CLAIMED and now - batch.touched_at >= WORKER_LIFE
    if outcome is Outcome.UNKNOWN or (outcome is None and dead):
        return IN_DOUBT
    if outcome is Outcome.UNPROVEN:
        return UNPROVEN
    if not repeats:
        return ""
    return WAITS if outcome is None else TWICE if outcome is Outcome.SENT else EARLIER
