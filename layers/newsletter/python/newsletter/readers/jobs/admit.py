"""May this go on? Counts an attempt against every limit it touches, and says which one stops it, if any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.ports import Counters
from newsletter.errors import ExpiredProofError, InvalidProofError
from newsletter.readers.domain import proof_of_work
from newsletter.readers.domain.limits import Counter, Lane, Limit, Policy, Subject, Verdict, network_of, reached
from newsletter.readers.domain.limits import counters as counters_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-up, as far as limits go."""

    subscriber_id: str
    network: str
    """The network address; only a keyed hash of it is counted."""
    proof: str = ""
    """The field `altcha` of the form."""


def admit(attempt: Attempt, *, counters: Counters, policy: Policy, key: str, now: datetime) -> Verdict:
    """Count a sign-up, and decide whether it goes on and in which lane.

    Every limit is counted, also after one was reached: a refusal takes as long as a welcome, and a robot that goes on
    stays out. A proof that is missing, wrong, old or used is no offence; it only opens no fast lane.

    Raises:
        StoreBusyError: Nothing was decided; the person may try again.
    """
    proof = _proof(attempt.proof, counters, key, now)
    lane = policy.lane(proved=proof == "good")
    subjects = {Subject.ADDRESS: attempt.subscriber_id, Subject.NETWORK: attempt.network}
    stop = _count(policy.of_sign_up(lane), subjects, counters, key, now)
    return Verdict(allowed=not stop, lane=lane, reason=stop, proof=proof)


def may_ask_to_leave(
    subscriber_id: str, network: str, *, counters: Counters, policy: Policy, key: str, now: datetime
) -> Verdict:
    """Count a request for a link to leave, and decide whether it is mailed.

    Raises:
        StoreBusyError: Nothing was decided; the person may try again.
    """
    subjects = {Subject.ADDRESS: subscriber_id, Subject.NETWORK: network}
    stop = _count(policy.of_leaving(), subjects, counters, key, now)
    return Verdict(allowed=not stop, lane=Lane.FAST, reason=stop)


def _count(limits: Sequence[Limit], subjects: dict[Subject, str], counters: Counters, key: str, now: datetime) -> str:
    known = subjects | {Subject.NETWORK: network_of(subjects[Subject.NETWORK]), Subject.EVERYBODY: ""}
    return reached(limits, [_bump(each, counters) for each in counters_of(limits, known, key=key, now=now)])


def _bump(each: Counter, counters: Counters) -> int:
    return counters.bump(each.key, expires_at=each.expires_at)


def _proof(payload: str, counters: Counters, key: str, now: datetime) -> str:
    if not payload:
        return "none"
    try:
        solved = proof_of_work.verify(payload, proof_of_work.proof_key(key), now=now)
    except InvalidProofError:
        return "invalid"
    except ExpiredProofError:
        return "expired"
    # Remembered until it would be too old anyway.
    used = counters.bump(f"proof#{solved}", expires_at=now + proof_of_work.LIFETIME)
    return "good" if used == 1 else "used"
