"""Whether a sign-up goes on: counted against every limit that it touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import ExpiredProofError, InvalidProofError
from newsletter.readers.domain import proof_of_work
from newsletter.readers.domain.limits import FULL, Proof, Subject, Verdict
from newsletter.readers.limiter import Limiter


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-up, as far as limits go."""

    subscriber_id: str
    network: str
    """The network address; only a keyed hash of it is counted."""
    proof: str = ""
    """The field `altcha` of the form."""


def admit(attempt: Attempt, *, limiter: Limiter, now: datetime) -> Verdict:
    """Count a sign-up, and decide whether it goes on and in which lane.

    A robot that goes on stays out: the limit that stops it counts on, and those behind it do not. A proof that is
    missing, wrong, old or used is no offence; it only opens no fast lane.

    Raises:
        StoreBusyError: Nothing was decided; the person may try again.
    """
    proof = _proof(attempt.proof, limiter, now)
    lane = limiter.policy.lane(proved=proof is Proof.GOOD)
    subjects = {Subject.ADDRESS: attempt.subscriber_id, Subject.NETWORK: attempt.network}
    stop = limiter.stopped_by(limiter.policy.of_sign_up(lane), subjects, now=now)
    # Asked whatever was decided, so that no answer is faster than another.
    full = limiter.queue_is_full(lane, now=now)
    reason = stop or (FULL if full else "")
    return Verdict(allowed=not reason, lane=lane, reason=reason, proof=proof)


def _proof(payload: str, limiter: Limiter, now: datetime) -> Proof:
    if not payload:
        return Proof.NONE
    try:
        solved = proof_of_work.verify(payload, proof_of_work.proof_key(limiter.key), now=now)
    except InvalidProofError:
        return Proof.INVALID
    except ExpiredProofError:
        return Proof.EXPIRED
    # Remembered until it would be too old anyway.
    used = limiter.counters.bump(f"proof#{solved}", expires_at=now + proof_of_work.LIFETIME)
    return Proof.GOOD if used == 1 else Proof.USED
