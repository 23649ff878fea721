"""Limits on everything that a stranger can make us mail: how much, in which time, counted by what.

A limit counts within fixed windows (an hour, a day of UTC). At the seam of two windows somebody may get twice as much;
in return a counter is one number and one write.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Lane(StrEnum):
    """How much a sign-up has shown to come from a person."""

    FAST = "fast"
    """It brought a proof of work, or none is asked for."""
    SLOW = "slow"
    """It brought none: no JavaScript, an old browser, a program. Welcome, but fewer, and later."""


class Proof(StrEnum):
    """What became of the proof of work that came with a sign-up."""

    GOOD = "good"
    NONE = "none"
    """It brought none."""
    INVALID = "invalid"
    EXPIRED = "expired"
    USED = "used"
    """It came with an earlier sign-up already."""


class Subject(StrEnum):
    """What the attempts have in common that are counted together."""

    ADDRESS = "address"
    """Attempts on one mailbox, wherever they come from."""
    NETWORK = "network"
    """Attempts from one place, whomever they name."""
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many in a window."""

    name: str
    """Counters of this name are shared: two limits of one name count together."""
    subject: Subject
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an operator decides."""

    proof_of_work: bool
    per_network: int
    """Sign-ups an hour."""
    per_hour: int
    """Mails to people who are not readers yet, from all sign-ups together."""

    def lane(self, *, proved: bool) -> Lane:
        """Return the lane of a sign-up."""
        return Lane.FAST if proved or not self.proof_of_work else Lane.SLOW

    def of_sign_up(self, lane: Lane) -> tuple[Limit, ...]:
        """Return the limits of one lane.

        The slow lane has counters of its own for networks and for everybody: robots without a proof, however many,
        cannot use up the room of people who bring one. Only the mailbox is counted in both together.
        """
        if lane is Lane.FAST:
            return (
                Limit("address", Subject.ADDRESS, 5, DAY),
                Limit("network", Subject.NETWORK, self.per_network, HOUR),
                Limit("everybody", Subject.EVERYBODY, self.per_hour, HOUR),
            )
        return (
            Limit("address", Subject.ADDRESS, 3, DAY),
            Limit("network-slow", Subject.NETWORK, max(1, self.per_network // 4), HOUR),
            Limit("everybody-slow", Subject.EVERYBODY, max(1, self.per_hour // 4), HOUR),
        )

    def of_leaving(self) -> tuple[Limit, ...]:
        """Return the limits on mails with a link to leave: a reader needs one; nobody needs to send ten to another."""
        return (
            Limit("leaving-address", Subject.ADDRESS, 3, DAY),
            Limit("leaving-network", Subject.NETWORK, self.per_network, HOUR),
        )

    def of_account_links(self) -> tuple[Limit, ...]:
        """Return the limits on mails with a link to everything, apart from those to leave: nobody uses up both."""
        return (
            Limit("account-address", Subject.ADDRESS, 5, DAY),
            Limit("account-network", Subject.NETWORK, self.per_network, HOUR),
        )

    def of_mails(self) -> Limit:
        """Return the last limit, on the mails themselves, whatever the others let pass."""
        return Limit("mails", Subject.EVERYBODY, self.per_hour, HOUR)


@dataclass(frozen=True, slots=True)
class Counter:
    """What to count up for one attempt."""

    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an attempt goes on. Whoever asked gets the same answer either way."""

    allowed: bool
    lane: Lane
    reason: str = ""
    """The limit that was reached, for the log."""
    proof: Proof | None = None
    """What became of the proof of work, for the log; None where none is asked for."""


def network_of(address: str) -> str:
    """Return the network that counts as one place: an IPv4 address, or the first 64 bits of an IPv6 address.

    One household or office has one IPv4 address; a /24 would be 256 of them. Of IPv6 everybody is given a /64 and can
    use a new address of it for each request, so that anything longer counts nothing. What is no address at all counts
    as one place together: a limit must not end where the input is odd.
    """
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{parsed.packed[:8].hex()}/64"


def counter(limit: Limit, subject: str, *, key: str, now: datetime) -> Counter:
    """Return the counter of a subject in the window of this moment.

    Its name is a keyed hash over limit, window and subject: nobody can tell from the table who came, nor that two
    counters of different hours are of one person.
    """
    start = _start(limit.window, now)
    content = "\0".join((limit.name, start.isoformat(), subject))
    digest = hmac.new(key.encode(), b"limits\0" + content.encode(), hashlib.sha256).hexdigest()[:32]
    return Counter(f"{limit.name}#{digest}", start + limit.window)


def counters(limits: Iterable[Limit], subjects: Mapping[Subject, str], *, key: str, now: datetime) -> list[Counter]:
    """Return the counters of one attempt, in the order of its limits."""
    return [counter(limit, subjects[limit.subject], key=key, now=now) for limit in limits]


def reached(limits: Sequence[Limit], attempt_counts: Sequence[int]) -> str:
    """Return the name of the first limit that this attempt exceeds, or an empty text.

    Args:
        limits: Those of the attempt.
        attempt_counts: For each limit, how many there are now, with this attempt.
    """
    return next((limit.name for limit, count in zip(limits, attempt_counts, strict=True) if count > limit.most), "")


def _start(window: timedelta, now: datetime) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
