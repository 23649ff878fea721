"""A rehearsal: the whole real list and the real mail, to SES's mailbox simulator. No reader is mailed."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import UnknownSendError
from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.send import Send, SendState, rehearsal_name
from newsletter.sending.steering_ports import ControlPorts


def rehearse(slug: str, *, ports: ControlPorts, shard_count: int, now: datetime) -> Send:
    """Open a rehearsal of the issue as it stands now, or wake the one that is not through.

    It has books of its own, the issue is not locked by it, and it costs what a send costs.

    Raises:
        UnknownSendError: There is no such issue.
    """
    record = ports.issues.get(slug)
    if record is None or record.withdrawn:
        raise UnknownSendError(f"there is no issue {slug}; upload issues/{slug}.md first")
    number = 1
    while (known := ports.sends.get(rehearsal_name(slug, number))) and known.state is SendState.CLOSED:
        number += 1
    name = rehearsal_name(slug, number)
    goes_to = ports.readers_of(record, now)
    opened = Send(
        slug=name, rehearsal_of=slug, content_hash=record.content_hash, shards=shard_count, swept_in=shard_count,
        opened_at=now, audience=record.audience, reading_rhythm=goes_to.reading_rhythm, month=goes_to.month,
    )  # fmt: skip
    send = ports.sends.open(opened)
    ports.queues.plan(name, shards(send.shards))
    ports.queues.settle(name)
    return send
