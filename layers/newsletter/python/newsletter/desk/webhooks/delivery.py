"""A delivery: one event on its way to one endpoint, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.desk.webhooks.event import WebhookEvent

TRIED_FOR = timedelta(days=3)
"""From the event, or from "send again", to the last attempt: a weekend and a day."""

KEPT = timedelta(days=30)
"""After the event, for the log and for "send again"."""

FIRST_WAIT, LONGEST_WAIT, GROWS = timedelta(seconds=5), timedelta(hours=4), 4
"""Between attempts: four times as long each time, so that a restart of the program costs seconds and a broken weekend
two dozen calls. The longest is below the twelve hours for which SQS can put a message aside."""


MOST_ATTEMPTS = 100
"""Kept of a delivery, the newest: three days have two dozen, and an owner may send it again as often as they like."""


class DeliveryState(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    """It is tried, or tried again."""
    DELIVERED = "delivered"
    """The endpoint answered 2xx."""
    GIVEN_UP = "given_up"
    """Not before three days were over, or the endpoint is switched off. An owner may send it again."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One request to an endpoint."""

    at: datetime
    status: int
    """Of HTTP; 0 when there was no answer."""
    milliseconds: int
    failure: str = ""
    """Why there was no answer, as words that follow “it”."""

    @property
    def succeeded(self) -> bool:
        """Whether the endpoint took the event."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint."""

    endpoint_id: str
    event: WebhookEvent
    give_up_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: tuple[DeliveryAttempt, ...] = ()
    tries: int = 0
    """Attempts since the event, or since somebody asked to send it again."""
    next_at: datetime | None = None
    """When it is tried next; None for at once, and when it is over."""

    @property
    def entry(self) -> str:
        """Its name among the deliveries of its endpoint; names sort as the events happened."""
        return f"{self.event.happened_at.isoformat()}#{self.event.event_id}"

    def after(self, attempt: DeliveryAttempt, *, share: float) -> Delivery:
        """Return it after another attempt.

        Args:
            attempt: The last one.
            share: From 0 to 1, by chance: how much of the second half of the wait is waited. What failed at the same
                moment is not tried again at the same moment.
        """
        tried = replace(self, attempts=(*self.attempts, attempt)[-MOST_ATTEMPTS:], tries=self.tries + 1, next_at=None)
        if attempt.succeeded:
            return replace(tried, state=DeliveryState.DELIVERED)
        if attempt.at >= self.give_up_at:
            return tried.given_up()
        longest = min(LONGEST_WAIT, FIRST_WAIT * GROWS ** min(self.tries, 10))
        # The last one at the very end, and not four hours before it.
        return replace(tried, next_at=min(self.give_up_at, attempt.at + longest * (0.5 + share / 2)))

    def given_up(self) -> Delivery:
        """Return it as one that is not tried any more."""
        return replace(self, state=DeliveryState.GIVEN_UP, next_at=None)

    def again(self, now: datetime) -> Delivery:
        """Return it as one that is to be tried anew, for three days from now."""
        return replace(self, state=DeliveryState.WAITING, tries=0, next_at=None, give_up_at=now + TRIED_FOR)


def is_entry(text: str) -> bool:
    """Return whether this may be the name of a delivery."""
    return re.fullmatch(r"[0-9T:.+-]{19,40}#[0-9a-z_]{1,80}", text) is not None


def delivery_of(event: WebhookEvent, endpoint_id: str, *, now: datetime) -> Delivery:
    """Return the delivery of an event that nobody has tried yet."""
    return Delivery(endpoint_id, event, give_up_at=now + TRIED_FOR)
