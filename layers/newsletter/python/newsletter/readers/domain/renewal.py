"""Renewing a consent that has grown old: whom to ask, when silence is an answer, and what the button changes.

A reader is asked by one mail. Who presses its button has a new receipt; who does not has left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsletter.core.link_token import RENEW_WITHIN
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Subscriber, leave

YEAR = timedelta(days=365)
"""Of the years after which we ask, and the least time between two mails that ask."""

NOT_RENEWED = "no_renewal"
"""Why somebody left who did not answer. No reader is offered it as a reason."""

HOURS_A_NIGHT = 20
"""Mails that one night asks for, in hours of their limit: fewer than a day has, so that all have left by the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalPolicy:
    """What an operator decides about consents that grow old."""

    years: int = 0
    """After which a consent is to be renewed; 0 is never."""
    per_hour: int = 1000
    """Mails that ask."""

    @property
    def most_a_night(self) -> int:
        """How many readers one night asks; the others wait for the next."""
        return self.per_hour * HOURS_A_NIGHT

    def given_before(self, now: datetime) -> datetime | None:
        """Return the moment before which a consent was given that is old by now; None if none ever is."""
        return now - self.years * YEAR if self.years else None

    def wants_asking(self, subscriber: Subscriber, *, now: datetime) -> bool:
        """Return whether a reader is to be asked."""
        unanswered = self._unanswered_since(subscriber, now)
        return self._is_old(subscriber, now) and unanswered is None and may_be_asked(subscriber, asked_at=now)

    def is_silent(self, subscriber: Subscriber, *, now: datetime) -> bool:
        """Return whether a reader was asked, and the link in the mail does not work any more.

        Who is suppressed may never have got the mail, and gets no issue either: their silence says nothing.
        """
        unanswered = self._unanswered_since(subscriber, now)
        return self._is_old(subscriber, now) and unanswered is not None and now - unanswered > RENEW_WITHIN

    def _is_old(self, subscriber: Subscriber, now: datetime) -> bool:
        before = self.given_before(now)
        return before is not None and subscriber.in_audience and consent_given_at(subscriber) <= before

    def _unanswered_since(self, subscriber: Subscriber, now: datetime) -> datetime | None:
        """Return when we asked; None if that was when the parameter named fewer years, and ended nobody."""
        asked_at, before = subscriber.renewal_asked_at, self.given_before(now)
        if asked_at is None or before is None or asked_at - self.years * YEAR < consent_given_at(subscriber):
            return None
        return asked_at


def consent_given_at(subscriber: Subscriber) -> datetime:
    """Return when a reader last said that they want the newsletter; the sign-up's moment where nothing else is known.

    It is the later of two: a move or a renewal writes a new receipt, taking an unsubscription back a new confirmation.
    """
    receipt = subscriber.consent.confirmed_at if subscriber.consent else None
    return max((moment for moment in (receipt, subscriber.confirmed_at) if moment), default=subscriber.signed_up_at)


def may_be_asked(subscriber: Subscriber, *, asked_at: datetime) -> bool:
    """Return whether a mail that was asked for at this moment may still ask for a renewal: one in a year at most."""
    before = subscriber.renewal_asked_at
    once = before is None or asked_at - before >= YEAR
    return subscriber.in_audience and once and consent_given_at(subscriber) < asked_at


def renewed(subscriber: Subscriber, consent: Consent) -> Subscriber:
    """Return the reader with the new receipt; since when they are on the list stays."""
    return replace(subscriber, consent=consent, renewal_asked_at=None)


def not_renewed(subscriber: Subscriber, *, now: datetime) -> Subscriber:
    """Return the reader who left by not answering."""
    return replace(leave(subscriber, now=now), left_because=NOT_RENEWED)
