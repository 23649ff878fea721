"""What SQS says about a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DEAD_LETTERS = "_dead_letters"
"""How the words of dead-letter queues end: `plan` has `plan_dead_letters`."""

SIGN_OF_LIFE = "all_well"
"""A queue that nobody reads: what is sent to it only counts, and is gone after a minute."""


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue at one moment. SQS counts with a delay of some seconds."""

    arn: str
    waiting: int
    """Messages that can be received."""
    under_way: int
    """Messages that somebody holds, or that are delayed."""

    @property
    def empty(self) -> bool:
        """Whether nothing is in it in any state."""
        return self.waiting + self.under_way == 0


def queue_facts(sqs: Any, url: str) -> QueueFacts:
    """Return what SQS says about the queue."""
    said = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "QueueArn",
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )["Attributes"]
    return QueueFacts(
        arn=said["QueueArn"],
        waiting=int(said["ApproximateNumberOfMessages"]),
        under_way=int(said["ApproximateNumberOfMessagesNotVisible"]) + int(said["ApproximateNumberOfMessagesDelayed"]),
    )
