"""Emails with a link to sign in that wait to be written, on SQS. Shape: {"sign_in": id of an attempt}."""

from __future__ import annotations

import re

from newsletter.aws.queue import SqsQueue, message_fields
from newsletter.errors import MalformedMessageError


class SqsSignInQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def mail(self, attempt_id: str) -> None:
        """Ask for the email of one attempt."""
        self._queue.put([{"sign_in": attempt_id}])


def read_sign_in(body: str) -> str:
    """Return the attempt that waits for its email.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    attempt_id = message_fields(body, "sign_in")["sign_in"]
    if not re.fullmatch("[0-9a-f]{32}", attempt_id):
        raise MalformedMessageError("the message names no attempt to sign in")
    return attempt_id
