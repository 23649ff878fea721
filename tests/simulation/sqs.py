"""The queues of a send as SQS has them: our own writer of messages, and a service that refuses some of each call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsletter.aws.queue import SqsQueue
from newsletter.readers.domain.shard import Shard
from newsletter.sending.adapters.send_queues import SqsSendQueues
from tests.factories import SLUG
from tests.sending.fakes import MemoryQueues

if TYPE_CHECKING:
    from tests.simulation.world import World


FIELDS = (("plan", "shard"), ("sweep", "sweep"), ("batch", "batch"), ("settle", "settle"))
"""By which each kind of message is known."""


class WorldSqs:
    """SQS: takes each message of a call or refuses it, by itself."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._in_a_row = 0
        """Calls that refused somebody, one after the other."""

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Deliver what is taken."""
        world, refused = self._world, []
        # A writer asks three times. Where all else is well, that is enough; elsewhere it is not always.
        refuses = world.weather.refused if self._in_a_row < 2 or not world.weather.is_prompt else 0
        for entry in Entries:
            if refuses and world.chance() < refuses:
                refused.append({"Id": entry["Id"]})
                continue
            world.put(*_read(entry["MessageBody"]), entry["DelaySeconds"])
        self._in_a_row = self._in_a_row + 1 if refused else 0
        if refused:
            world.note("refused by the queue:", QueueUrl, len(refused), "of", len(Entries))
        return {"Failed": refused}


@lru_cache(maxsize=10_000)  # all stories have the same few messages, apart from batches that begin after a reader
def _read(body: str) -> tuple[str, Any]:
    """Return the kind of a message, and what it is about."""
    message = json.loads(body)
    (kind, field), *others = (kind_and_field for kind_and_field in FIELDS if kind_and_field[1] in message)
    assert not others
    return kind, int(message[field]) if kind == "sweep" else message[field]


class WorldQueues(MemoryQueues):
    """Queues that deliver."""

    def __init__(self, world: World, writer: type[SqsQueue] = SqsQueue) -> None:
        super().__init__()
        self.world = world
        sqs: Any = WorldSqs(world)
        plan, batch, settle = (writer(lambda: sqs, name) for name in ("plan", "batch", "settle"))
        self._of_sends = SqsSendQueues(plan_queue=plan, batch_queue=batch, settle_queue=settle)

    def plan(self, slug: str, shards: Iterable[Shard]) -> None:
        self._of_sends.plan(slug, shards)

    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:
        assert slug == SLUG
        self._of_sends.send(slug, batch_names, delay=delay)

    def sweep(self, slug: str, parts: Iterable[int]) -> None:
        assert slug == SLUG
        self._of_sends.sweep(slug, parts)

    def settle(self, slug: str, *, delay: int = 0) -> None:
        self._of_sends.settle(slug, delay=delay)

    def refresh_archive(self, slug: str = "", *, then_plan: bool = False) -> None:
        if then_plan:  # the others change pages, and no send
            self.world.put("refresh", slug)

    def report(self, slug: str, *, delay: int = 0) -> None:  # noqa: ARG002 - what it does is not part of the story
        self.world.reports.append(slug)
