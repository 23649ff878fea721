"""Whether a sign-up goes on: counted against every limit that it touches, while address and domain are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from newsletter.aws.side_by_side import side_by_side
from newsletter.errors import ExpiredProofError, InvalidProofError
from newsletter.readers.address_ports import MailDomains
from newsletter.readers.domain import proof_of_work
from newsletter.readers.domain.limits import FULL, CountedLimit, Lane, Proof, Subject, Verdict
from newsletter.readers.domain.sign_up import Known
from newsletter.readers.limiter import Limiter
from newsletter.readers.sign_up_ports import SignUpStore
from newsletter.readers.waiting_line import closed_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-up, as far as limits go."""

    subscriber_id: str
    domain: str
    """What the address has after the @ sign, in ASCII."""
    network: str
    """The network address; only a keyed hash of it is counted."""
    proof: str = ""
    """The field `altcha` of the form."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a sign-up goes on, and what was found about its address on the way."""

    verdict: Verdict
    known: Known
    of_address: CountedLimit
    """To be counted when the sign-up is recorded."""
    late: bool
    """Whether SES takes nothing for more than a moment."""
    to_no_mailbox: bool
    """Whether the domain takes no mail, for certain."""


def admit(
    attempt: Attempt,
    *,
    limiter: Limiter,
    sign_ups: SignUpStore,
    mail_domains: MailDomains,
    threads: Executor,
    now: datetime,
) -> Admission:
    """Count a sign-up for its network, look its address up, and decide whether it goes on and in which lane.

    Nothing here waits for anything else, so that all of it takes as long as one call. What one limit stops is not
    counted against those behind it: the wider networks get theirs back, and the address is counted with the record.

    A proof that is missing, wrong, old or used is no offence; it only opens no fast lane.

    Raises:
        StoreBusyError: Nothing was decided; the person may try again.
    """
    proof, solved = _read(attempt.proof, limiter, now)
    lane = limiter.policy.lane(proved=proof is Proof.GOOD)
    networks, of_address = _limits(lane, attempt, limiter, now)
    rooms = {each: limiter.last_hour(each, now=now) for each in Lane}
    keys = {each.counter.key for room in rooms.values() for each in room}
    keys |= {of_address.counter.key, closed_counter(now)}
    # Remembered until it would be too old anyway.
    note = partial(limiter.counters.bump, f"proof#{solved}", expires_at=now + proof_of_work.LIFETIME)
    known, to_no_mailbox, *numbers = side_by_side(
        [
            partial(sign_ups.look, attempt.subscriber_id, keys),
            partial(mail_domains.takes_no_mail, attempt.domain),
            *_bumps(networks, limiter),
            *([note] if solved else []),
        ],
        threads,
    )
    if solved and numbers.pop() > 1:
        proof = Proof.USED
        if lane is not (lane := limiter.policy.lane(proved=False)):
            _give_back(networks, limiter, threads)
            networks, of_address = _limits(lane, attempt, limiter, now)
            numbers = side_by_side(_bumps(networks, limiter), threads)
    reason = _stopped_by_network(networks, numbers, limiter, threads)
    if not reason and known.counts[of_address.counter.key] >= of_address.limit.most:
        reason = of_address.limit.name
    if not reason and any(known.counts[each.counter.key] >= each.limit.most for each in rooms[lane]):
        reason = FULL
    verdict = Verdict(allowed=not reason, lane=lane, reason=reason, proof=proof)
    late = known.counts[closed_counter(now)] > 0
    return Admission(verdict, known, of_address, late=late, to_no_mailbox=to_no_mailbox)


def _limits(
    lane: Lane, attempt: Attempt, limiter: Limiter, now: datetime
) -> tuple[Sequence[CountedLimit], CountedLimit]:
    """Return the limits of networks, narrowest first, and that of the address."""
    subjects = {Subject.ADDRESS: attempt.subscriber_id, Subject.NETWORK: attempt.network}
    *networks, of_address = limiter.counted(limiter.policy.of_sign_up(lane), subjects, now=now)
    return networks, of_address


def _bumps(networks: Sequence[CountedLimit], limiter: Limiter) -> list[partial[int]]:
    counters = [each.counter for each in networks]
    return [partial(limiter.counters.bump, each.key, expires_at=each.expires_at) for each in counters]


def _stopped_by_network(
    networks: Sequence[CountedLimit], numbers: Sequence[int], limiter: Limiter, threads: Executor
) -> str:
    for place, (counted, number) in enumerate(zip(networks, numbers, strict=True)):
        if number > counted.limit.most:
            _give_back(networks[place + 1 :], limiter, threads)
            return counted.limit.name
    return ""


def _give_back(networks: Sequence[CountedLimit], limiter: Limiter, threads: Executor) -> None:
    if networks:
        side_by_side([partial(limiter.counters.give_back, each.counter.key) for each in networks], threads)


def _read(payload: str, limiter: Limiter, now: datetime) -> tuple[Proof, str]:
    """Return what a proof of work is worth, and which challenge it solves if it is worth something."""
    if not payload:
        return Proof.NONE, ""
    try:
        return Proof.GOOD, proof_of_work.verify(payload, proof_of_work.proof_key(limiter.key), now=now)
    except InvalidProofError:
        return Proof.INVALID, ""
    except ExpiredProofError:
        return Proof.EXPIRED, ""
