"""Looking at messages without taking them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

HIDDEN = 30
"""Seconds for which messages are out of sight while they are looked at; they are put back before."""

A_CALL = 10
"""The most that SQS hands out at once."""

ADDRESS = re.compile(r"""[^\s"<>\\@:,;()\[\]]+@[^\s"'<>\\@:,;()\[\]]+""")


@contextmanager
def peeked(sqs: Any, url: str, *, limit: int) -> Iterator[list[dict[str, Any]]]:
    """Give messages to look at, and put them all back at once, also when the look is cut off."""
    messages: list[dict[str, Any]] = []
    try:
        while len(messages) < limit:
            got = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(A_CALL, limit - len(messages)),
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=1,  # asks all of SQS's servers, not a few of them
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            ).get("Messages", [])
            if not got:
                break
            messages += got
        yield messages
    finally:
        for message in messages:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)


def sent_at(message: dict[str, Any]) -> datetime:
    """Return when the message was first sent: from that moment on it is kept for 14 days."""
    return datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)


def without_addresses(body: str) -> str:
    """Return the body with every e-mail address taken out."""
    return ADDRESS.sub("(address)", body)
