"""Emails to single subscribers that wait to be written, on SQS.

Shapes: {"occasion", "subscriber", "asked_at"}, with "lane" in the slow one, "mail_at" once it has a place, "network"
where a stranger may be mailed and "doubted_at" once SES gave no clear answer; {"remind": "unconfirmed"}.
"""

from __future__ import annotations

from datetime import datetime

from newsletter.aws.queue import SqsQueue, message_fields, message_json
from newsletter.errors import MalformedMessageError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.limits import Lane

OPTIONAL = ("lane", "mail_at", "network", "doubted_at")


class SqsGreetQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:
        """Ask for an email to one subscriber. Units: `delay` in seconds, at most 900."""
        message = {
            "occasion": str(greeting.occasion),
            "subscriber": greeting.subscriber_id,
            "asked_at": greeting.asked_at.isoformat(),
        }
        if greeting.lane is not Lane.FAST:
            message["lane"] = str(greeting.lane)
        if greeting.mail_at is not None:
            message["mail_at"] = greeting.mail_at.isoformat()
        if greeting.network:
            message["network"] = greeting.network
        if greeting.doubted_at is not None:
            message["doubted_at"] = greeting.doubted_at.isoformat()
        self._queue.put([message], delay=delay)


def read_greeting(body: str) -> Greeting:
    """Return whom to write to, and why.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    fields = message_fields(body, "occasion", "subscriber", "asked_at", optional=OPTIONAL)
    try:
        return Greeting(
            Occasion(fields["occasion"]),
            fields["subscriber"],
            datetime.fromisoformat(fields["asked_at"]),
            Lane(fields.get("lane", Lane.FAST)),
            datetime.fromisoformat(fields["mail_at"]) if "mail_at" in fields else None,
            fields.get("network", ""),
            datetime.fromisoformat(fields["doubted_at"]) if "doubted_at" in fields else None,
        )
    except ValueError as exc:
        raise MalformedMessageError("the message names no occasion, lane or moment that we know") from exc


def is_remind(body: str) -> bool:
    """Return whether this is the daily message to remind whoever did not confirm."""
    said = message_json(body)
    return isinstance(said, dict) and said.get("remind") == "unconfirmed"
