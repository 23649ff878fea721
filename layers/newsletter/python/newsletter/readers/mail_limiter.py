"""The one place that every email to one person passes before it leaves: to which mailbox, and in which hour."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.greeting import TO_STRANGERS, Letter
from newsletter.readers.domain.limits import HOUR, HOURS_AHEAD, Lane, Limit, Policy, counter
from newsletter.readers.domain.mailbox_spelling import mailbox_of, own_domain_of

if TYPE_CHECKING:
    from newsletter.core.ports import Counters


@dataclass(frozen=True, slots=True)
class MailLimiter:
    """What the mails of a day and an hour are counted by."""

    counters: Counters
    policy: Policy
    key: str
    """Makes the names, so that nobody can tell from the table who was to be mailed."""

    def may_mail(self, email: str, cause: str, *, now: datetime) -> bool:
        """Take one of the emails that a mailbox may get today whose owner has not confirmed.

        The same cause takes one, however often it is tried.

        Args:
            email: The address as it will be written to; all its spellings count together.
            cause: Why we write, told apart from every other cause.
            now: The moment.

        Raises:
            StoreBusyError: Nothing was decided; the message will be delivered again.
        """
        limit = self.policy.of_mailbox()
        today = counter(limit, mailbox_of(email), key=self.key, now=now)
        taker = hashlib.sha256(f"{today.key}\0{cause}".encode()).hexdigest()[:16]
        return self.counters.take(today.key, taker, most=limit.most, expires_at=today.expires_at)

    def is_held(self, confirmation_hold: ConfirmationHold, lane: Lane, *, now: datetime) -> bool:
        """Return whether an email to a stranger waits for the end of its lane's hold; count it if a step lets it go.

        Raises:
            StoreBusyError: Nothing was decided; the message will be delivered again.
        """
        share = confirmation_hold.share(now)
        return self._waits_for_step(share, self.policy.of_release(lane, share), "", now)

    def is_network_held(self, confirmation_hold: ConfirmationHold, network: str, *, now: datetime) -> bool:
        """Return the same for the hold on the network that asked for it, which has steps of its own.

        Raises:
            StoreBusyError: Nothing was decided; the message will be delivered again.
        """
        share = confirmation_hold.share(now)
        return self._waits_for_step(share, self.policy.of_network_release(share), network, now)

    def _waits_for_step(self, share: float, limit: Limit, subject: str, now: datetime) -> bool:
        if share in (0, 1):
            return not share
        hour = counter(limit, subject, key=self.key if subject else "", now=now)
        return self.counters.bump(hour.key, expires_at=hour.expires_at) > limit.most

    def book(self, letter: Letter, email: str, lane: Lane, *, now: datetime) -> datetime | None:
        """Take a place in the first hour that has room, and return when the email may leave; None for no hour.

        In the present hour that is now. Later hours are filled evenly, so that emails leave in the order of their
        places and not all at the stroke.

        Raises:
            StoreBusyError: Nothing was decided; the message will be delivered again.
        """
        limits = self._limits(letter, email, lane)
        for hours in range(HOURS_AHEAD):
            place = self._place(limits, now + hours * HOUR)
            if place is not None:
                return max(now, place) if hours else now
        return None

    def _limits(self, letter: Letter, email: str, lane: Lane) -> Sequence[tuple[Limit, str]]:
        """Return what to count, narrowest first: what has no room there takes none of what all share."""
        if letter is Letter.RENEWAL:
            return [(self.policy.of_renewals(), "")]
        if letter not in TO_STRANGERS:
            return [(limit, "") for limit in self.policy.of_notices()]
        domain = own_domain_of(email)
        own = [(self.policy.of_domain(), domain)] if domain else []
        return [*own, *((limit, "") for limit in self.policy.of_mails(lane))]

    def _place(self, limits: Sequence[tuple[Limit, str]], hour: datetime) -> datetime | None:
        place = hour
        for limit, subject in limits:
            at = counter(limit, subject, key=self.key if subject else "", now=hour)
            number = self.counters.bump(at.key, expires_at=at.expires_at)
            if number > limit.most:
                return None
            place = at.expires_at - HOUR + HOUR * ((number - 1) / limit.most)
        return place
