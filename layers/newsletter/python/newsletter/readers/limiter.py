"""Counting attempts against the limits on everything that a stranger can make us mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.errors import NetworkFullError
from newsletter.readers.domain.limits import (
    HOUR,
    HOURS_AHEAD,
    CountedLimit,
    Lane,
    Limit,
    Policy,
    Subject,
    Verdict,
    counter,
    networks_of,
)

if TYPE_CHECKING:
    from newsletter.core.ports import Counters


@dataclass(frozen=True, slots=True)
class Limiter:
    """The operator's limits, and the counters that they are compared with."""

    counters: Counters
    policy: Policy
    key: str
    """Makes the names of counters, so that nobody can tell from the table who came."""

    def stopped_by(self, limits: Sequence[Limit], subjects: Mapping[Subject, str], *, now: datetime) -> str:
        """Count an attempt against each limit in turn, and return the name of the first that it exceeds, or nothing.

        What one limit stops is not counted against those behind it: whoever is refused for their network uses up
        no room of a mailbox that they only named.

        Raises:
            StoreBusyError: Nothing was decided; the person may try again.
        """
        for counted in self.counted(limits, subjects, now=now):
            at = counted.counter
            if self.counters.bump(at.key, expires_at=at.expires_at) > counted.limit.most:
                return counted.limit.name
        return ""

    def counted(self, limits: Sequence[Limit], subjects: Mapping[Subject, str], *, now: datetime) -> list[CountedLimit]:
        """Return the limits that these subjects touch, each with its counter."""
        keyed = {**subjects, **networks_of(subjects[Subject.NETWORK])}
        # IPv4 has no larger networks that would be one person's.
        touched = (limit for limit in limits if limit.subject in keyed)
        return [CountedLimit(limit, counter(limit, keyed[limit.subject], key=self.key, now=now)) for limit in touched]

    def last_hour(self, lane: Lane, *, now: datetime) -> list[CountedLimit]:
        """Return the limits on the last hour that emails of this lane are planned for: full, if one of them is."""
        last = now + (HOURS_AHEAD - 1) * HOUR
        return [CountedLimit(each, counter(each, "", key="", now=last)) for each in self.policy.of_mails(lane)]

    def may_ask_for_link(
        self, subscriber_id: str, network: str, *, to_everything: bool = False, now: datetime
    ) -> Verdict:
        """Count a request for an email with a personal link, and decide whether it is sent.

        Args:
            subscriber_id: Whose link.
            network: The network address of whoever asks.
            to_everything: Whether the link is one to everything, or to another address, rather than one to leave.
            now: The moment.

        Raises:
            NetworkFullError: Too many came from this network, whoever they named; the person may know.
            StoreBusyError: Nothing was decided; the person may try again.
        """
        subjects = {Subject.ADDRESS: subscriber_id, Subject.NETWORK: network}
        limits = self.policy.of_account_links() if to_everything else self.policy.of_leaving()
        stop = self.stopped_by(limits, subjects, now=now)
        verdict = Verdict(allowed=not stop, lane=Lane.FAST, reason=stop)
        if verdict.of_network:
            raise NetworkFullError("too many people asked for a link from this network within an hour")
        return verdict
