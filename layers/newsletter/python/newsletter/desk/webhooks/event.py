"""An event: something that happened in the records, and what other programs are told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PAYLOAD_VERSION = "2026-12-01"
"""The day of the last change of payloads that a program could notice."""


class EventType(StrEnum):
    """What happened. These words stand in payloads and in the records of endpoints."""

    SUBSCRIBED = "subscriber.subscribed"
    """Somebody signed up and has not confirmed yet."""
    CONFIRMED = "subscriber.confirmed"
    """Somebody is on the list now: they confirmed, or were imported with evidence that they had."""
    LEFT = "subscriber.left"
    """A subscriber unsubscribed."""
    BOUNCED = "subscriber.bounced"
    """An address is suppressed because emails to it bounce."""
    COMPLAINED = "subscriber.complained"
    """A subscriber marked an email as spam, and is suppressed."""
    MOVED = "subscriber.moved"
    """A subscriber has another address, and so another id."""
    ERASED = "subscriber.erased"
    """A subscriber's record is deleted: they asked for it, left long ago, or never confirmed."""
    APPROVED = "issue.approved"
    """An editor approved the content of an issue."""
    SENT = "issue.sent"
    """A send closed: everybody in the audience has an outcome."""
    REPORT = "report.ready"
    """The report on a send was mailed to the editors."""
    TEST = "test"
    """Nothing happened: an owner pressed the button of an endpoint."""


CHOICES = tuple(each for each in EventType if each is not EventType.TEST)
"""What an owner chooses from. A test goes to whichever endpoint it is asked for."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One thing that happened. It holds no address: who is meant is said by the subscriber's id."""

    event_id: str
    """The same however often the record of the change is read; the header `webhook-id`."""
    event_type: EventType
    happened_at: datetime
    details: Mapping[str, str | int] = field(default_factory=dict, hash=False)
    """What stands in `data`; about a subscriber with `subscriber_id`."""

    def payload(self, email: str = "") -> str:
        """Return the body of the request.

        Args:
            email: The subscriber's address, for an endpoint that is told addresses; empty leaves it out.
        """
        data = {**self.details, **({"email": email} if email else {})}
        body = {
            "type": self.event_type,
            "timestamp": self.happened_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "version": PAYLOAD_VERSION,
            "data": data,
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
