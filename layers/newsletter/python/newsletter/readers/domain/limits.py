"""Limits on everything that a stranger can make us mail: how much, in which time, counted by what.

A limit counts within fixed windows (an hour, a day of UTC). At the seam of two windows somebody may get twice as much;
in return a counter is one number and one write.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

HOURS_AHEAD = 24
"""How far mails are planned, this hour included. Whoever signs up when all of these are full hears that we cannot."""

NETWORK = "network"
"""What the names of all limits hold that count the requests of a place."""

FULL = "full"
"""Why a sign-up is refused whose mail would have to wait longer."""


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
    """Attempts on one address as it was typed, wherever they come from."""
    MAILBOX = "mailbox"
    """Mails to one mailbox, however its address is spelt."""
    DOMAIN = "domain"
    """Mails to one organisation, which may gather all in one mailbox."""
    NETWORK = "network"
    """Attempts from one place, whomever they name: an IPv4 address, or 64 bits of IPv6."""
    SITE = "site"
    """56 bits of IPv6: what a provider gives one household or office. Of IPv4 there is none."""
    PROVIDER = "provider"
    """48 bits of IPv6: a company, or a whole quarter of a town. Of IPv4 there is none."""
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
        """Return the limits of one lane, from the narrowest to the widest.

        None is for everybody: who is refused must have done something. The slow lane has counters of its own for
        networks, the address is counted in both lanes together.
        """
        if lane is Lane.FAST:
            return (
                *_of_networks(NETWORK, self.per_network),
                Limit("address", Subject.ADDRESS, 5, DAY),
            )
        return (
            *_of_networks(f"{NETWORK}-slow", max(1, self.per_network // 4)),
            Limit("address", Subject.ADDRESS, 3, DAY),
        )

    def of_leaving(self) -> tuple[Limit, ...]:
        """Return the limits on mails with a link to leave: a reader needs one; nobody needs to send ten to another."""
        return (
            *_of_networks(f"leaving-{NETWORK}", self.per_network),
            Limit("leaving-address", Subject.ADDRESS, 3, DAY),
        )

    def of_account_links(self) -> tuple[Limit, ...]:
        """Return the limits on mails with a link to everything, apart from those to leave: nobody uses up both."""
        return (
            *_of_networks(f"account-{NETWORK}", self.per_network),
            Limit("account-address", Subject.ADDRESS, 5, DAY),
        )

    def of_mailbox(self) -> Limit:
        """Return the limit on mails to somebody who has not confirmed: by every road and in every spelling together."""
        return Limit("mailbox", Subject.MAILBOX, 3, DAY)

    def of_domain(self) -> Limit:
        """Return the limit on mails to strangers at one organisation: a whole office may sign up after a talk."""
        return Limit("domain", Subject.DOMAIN, max(10, self.per_hour // 20), HOUR)

    def of_mails(self, lane: Lane) -> tuple[Limit, ...]:
        """Return the limits on the mails of an hour to strangers, narrowest first, whatever the others let pass.

        Robots without a proof, however many, never take more than a quarter of an hour from people who bring one.
        """
        everybody = Limit("mails", Subject.EVERYBODY, self.per_hour, HOUR)
        if lane is Lane.FAST:
            return (everybody,)
        return Limit("mails-slow", Subject.EVERYBODY, max(1, self.per_hour // 4), HOUR), everybody

    def of_release(self, lane: Lane, share: float) -> Limit:
        """Return the limit on the mails of an hour while a lane that was held is tried again, by steps."""
        room = min(each.most for each in self.of_mails(lane))
        return Limit(f"released-{lane}", Subject.EVERYBODY, max(1, int(room * share)), HOUR)

    def of_network_release(self, share: float) -> Limit:
        """Return the limit on the mails of an hour to strangers for one network that was held and is tried again."""
        return Limit("released-network", Subject.NETWORK, max(1, int(self.per_network * share)), HOUR)

    def of_notices(self) -> tuple[Limit, ...]:
        """Return the limits on the mails of an hour to readers that anybody can cause: a link to leave, for one.

        They are apart, so that no flood of sign-ups keeps anybody from leaving.
        """
        return (Limit("notices", Subject.EVERYBODY, self.per_hour, HOUR),)

    def of_renewals(self) -> Limit:
        """Return the limit on the mails of an hour that ask for a renewed consent, which must not crowd out others."""
        return Limit("renewals", Subject.EVERYBODY, self.per_hour, HOUR)


@dataclass(frozen=True, slots=True)
class Counter:
    """What to count up for one attempt."""

    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CountedLimit:
    """A limit, and the counter that it is compared with for one subject at one moment."""

    limit: Limit
    counter: Counter


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an attempt goes on. Whoever asked gets an answer that is the same for every address."""

    allowed: bool
    lane: Lane
    reason: str = ""
    """The limit that was reached, for the log."""
    proof: Proof | None = None
    """What became of the proof of work, for the log; None where none is asked for."""

    @property
    def of_network(self) -> bool:
        """Whether it is the network that has had its share, whoever is named."""
        return NETWORK in self.reason


def networks_of(address: str) -> dict[Subject, str]:
    """Return the networks that count as places, narrowest first: an IPv4 address, or 64, 56 and 48 bits of IPv6.

    One household or office has one IPv4 address; a /24 would be 256 of them. Of IPv6 everybody is given a /64 and can
    use a new address of it for each request, so that anything longer counts nothing; many are given a /56, and whoever
    asks gets a /48 with 65,536 networks in it. What is no address at all counts as one place together: a limit must
    not end where the input is odd.
    """
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return {Subject.NETWORK: "unknown"}
    if parsed.version == 4:
        return {Subject.NETWORK: str(parsed)}
    if parsed.ipv4_mapped is not None:
        return {Subject.NETWORK: str(parsed.ipv4_mapped)}
    return {
        subject: f"{parsed.packed[: bits // 8].hex()}/{bits}"
        for subject, bits in ((Subject.NETWORK, 64), (Subject.SITE, 56), (Subject.PROVIDER, 48))
    }


def network_name(address: str, *, key: str, now: datetime) -> str:
    """Return what the network of an address is called in messages and tags; empty for an empty address.

    A keyed hash of the IPv4 address or of 64 bits of IPv6, and another one tomorrow: whoever reads a tag cannot tell
    who came, nor that two of different days came from one place.
    """
    if not address:
        return ""
    content = f"{now.date().isoformat()}\0{networks_of(address)[Subject.NETWORK]}"
    return hmac.new(key.encode(), b"network of a day\0" + content.encode(), hashlib.sha256).hexdigest()[:32]


def counter(request_limit: Limit, subject: str, *, key: str, now: datetime) -> Counter:
    """Return the counter of a subject in the window of this moment.

    Its name is a keyed hash over limit, window and subject: nobody can tell from the table who came, nor that two
    counters of different hours are of one person.
    """
    start = _start(request_limit.window, now)
    content = "\0".join((request_limit.name, start.isoformat(), subject))
    digest = hmac.new(key.encode(), b"limits\0" + content.encode(), hashlib.sha256).hexdigest()[:32]
    return Counter(f"{request_limit.name}#{digest}", start + request_limit.window)


def _of_networks(name: str, most: int) -> tuple[Limit, ...]:
    """Return the limits on a place and on the larger ones around it, which rise: more people live there."""
    return (
        Limit(name, Subject.NETWORK, most, HOUR),
        Limit(f"{name}-56", Subject.SITE, 2 * most, HOUR),
        Limit(f"{name}-48", Subject.PROVIDER, 4 * most, HOUR),
    )


def _start(window: timedelta, now: datetime) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
