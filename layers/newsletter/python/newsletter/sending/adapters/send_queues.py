"""The queues of a send, on SQS: shards to plan, batches to hand to SES, sends to look at.

Shapes: plan {"slug", "shard"} or {"slug", "sweep": number of a part of the list, as text}; batch {"slug", "batch"};
either of them {"warm_up": slug}; settle {"settle": slug or "open sends"}.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.aws.queue import SqsQueue, message_fields, message_json
from newsletter.errors import MalformedMessageError
from newsletter.readers.domain.shard import Shard
from newsletter.sending.domain.send import is_send_name

OPEN_SENDS = "open sends"
"""With a blank: no issue can have such a name."""


class SqsSendQueues:
    """Writes the messages of a send."""

    def __init__(self, *, plan_queue: SqsQueue, batch_queue: SqsQueue, settle_queue: SqsQueue) -> None:
        self._plan = plan_queue
        self._batches = batch_queue
        self._settle = settle_queue

    def plan(self, slug: str, shards: Iterable[Shard]) -> None:
        """Ask for shards to be planned."""
        self._plan.put([{"slug": slug, "shard": shard.first} for shard in shards])

    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:
        """Ask for batches to be handed to SES. Units: `delay` in seconds, at most 900."""
        self._batches.put([{"slug": slug, "batch": after} for after in batch_names], delay=delay)

    def warm_up(self, slug: str) -> None:
        """Ask for a planner and a worker, who find nothing to do, and are there when something comes."""
        for queue in (self._plan, self._batches):
            queue.put([{"warm_up": slug}])

    def sweep(self, slug: str, parts: Iterable[int]) -> None:
        """Ask for parts of the list to be compared with the planned audience."""
        self._plan.put([{"slug": slug, "sweep": str(part)} for part in parts])

    def settle(self, slug: str, *, delay: int = 0) -> None:
        """Ask for a look at a send. Units: `delay` in seconds, at most 900."""
        self._settle.put([{"settle": slug}], delay=delay)


@dataclass(frozen=True, slots=True)
class PlanMessage:
    """Plan one shard of a send."""

    slug: str
    shard: str


@dataclass(frozen=True, slots=True)
class SweepMessage:
    """Compare one part of the list with the planned audience of a send."""

    slug: str
    part: int


@dataclass(frozen=True, slots=True)
class BatchMessage:
    """Hand one batch of a send to SES."""

    slug: str
    batch: str


def read_plan(body: str) -> PlanMessage | SweepMessage:
    """Raises: MalformedMessageError: Not one of our messages."""  # noqa: D402 - the whole story is the error
    fields = message_fields(body, "slug", optional=("shard", "sweep"))
    match fields:
        case {"slug": slug, "shard": shard, **others} if not others:
            return PlanMessage(slug, shard)
        case {"slug": slug, "sweep": part, **others} if not others and part.isdecimal():
            return SweepMessage(slug, int(part))
    raise MalformedMessageError("the message is not one of ours: it names neither a shard nor a part of the list")


def read_batch(body: str) -> BatchMessage:
    """Raises: MalformedMessageError: Not one of our messages."""  # noqa: D402
    fields = message_fields(body, "slug", "batch")
    return BatchMessage(fields["slug"], fields["batch"])


def read_warm_up(body: str) -> str:
    """Return the send for which a function starts; empty for a message about work."""
    fields = message_json(body)
    return str(fields.get("warm_up", "")) if isinstance(fields, dict) else ""


def read_settle(body: str) -> str:
    """Return the slug to settle, or OPEN_SENDS for all of them.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    slug = message_fields(body, "settle")["settle"]
    if slug != OPEN_SENDS and not is_send_name(slug):
        raise MalformedMessageError("the settle message names no issue")
    return slug
