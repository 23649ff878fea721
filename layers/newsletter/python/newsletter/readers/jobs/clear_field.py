"""Clearing what readers answered to a field that is not asked any more."""

from __future__ import annotations

from dataclasses import replace

from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.ports import SubscriberStore, WholeList
from newsletter.readers.records import update

BUSY = "some answers could not be cleared, because these records are being changed; run the same once more"


def clear_field(
    key: str, *, whole_list: WholeList, subscribers: SubscriberStore, segment: int = 0, segments: int = 1
) -> int:
    """Take the answers to one field out of one part of the list, and return how many readers had one.

    Cut off anywhere, the same call finishes the work.

    Raises:
        StoreBusyError: Some are cleared; the same call can work later.
    """
    count = 0
    for subscriber in whole_list.everyone(segment=segment, segments=segments):
        if _without(subscriber, key) != subscriber:
            update(subscribers, subscriber.subscriber_id, lambda one: _without(one, key), busy=BUSY)
            count += 1
    return count


def _without(subscriber: Subscriber, key: str) -> Subscriber:
    pending = tuple(
        replace(each, fields={name: value for name, value in each.fields.items() if name != key})
        for each in subscriber.pending
    )
    fields = {name: value for name, value in subscriber.fields.items() if name != key}
    return replace(subscriber, fields=fields, pending=pending)
