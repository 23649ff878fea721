"""A reader's record: found, and changed although others may change it at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from newsletter.core.link_token import Token
from newsletter.core.races import LOST, Race, win
from newsletter.readers.domain.link_rights import check_still_speaks
from newsletter.readers.domain.subscriber import Subscriber

if TYPE_CHECKING:
    from newsletter.readers.ports import SubscriberStore

LONGEST_TRAIL = 20
"""Changes of address that an old link follows."""


@dataclass(frozen=True, slots=True)
class Updated:
    """A record before and after a change."""

    before: Subscriber
    after: Subscriber

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.before != self.after


def newest(subscribers: SubscriberStore, subscriber_id: str) -> Subscriber | None:
    """Return the record of a reader, wherever their address has moved since; None if there is none.

    The trail ends where another reader has moved in since: their record says where they came from. One of version 1.0
    says nothing, and is believed.
    """
    record = subscribers.get(subscriber_id)
    for _ in range(LONGEST_TRAIL):
        if record is None or not record.moved_to:
            break
        left, record = record.subscriber_id, subscribers.get(record.moved_to)
        if record is not None and record.came_from and left not in record.came_from:
            return None
    return record


def own(subscribers: SubscriberStore, subscriber_id: str) -> Subscriber | None:
    """Return the record of this very address; None if there is none, it is forgotten, or the reader has moved away."""
    record = subscribers.get(subscriber_id)
    return record if record is not None and record.email and not record.moved_to else None


def update(
    subscribers: SubscriberStore,
    subscriber_id: str,
    rule: Callable[[Subscriber], Subscriber],
    *,
    busy: str,
    follow_moves: bool = False,
) -> Updated | None:
    """Apply a rule to the record of a reader, again and again until nobody else wrote in between.

    Args:
        subscribers: The list.
        subscriber_id: Of the reader.
        rule: Returns the record as it should be; the same one if nothing is to be changed.
        busy: The message of the error.
        follow_moves: Whether an id that the reader has moved away from leads to the record of today. For leaving alone:
            an old link speaks for a mailbox that may be somebody else's by now.

    Returns:
        None if there is no record.

    Raises:
        StoreBusyError: Not changed; the same call can work later.
        Exception: Whatever the rule raises.
    """

    def attempt() -> Updated | Literal[Race.LOST] | None:
        before = (newest if follow_moves else own)(subscribers, subscriber_id)
        if before is None:
            return None
        updated = Updated(before, rule(before))
        return LOST if updated.changed and not subscribers.save(updated.after) else updated

    return win(attempt, busy=busy)


def update_by_link(
    subscribers: SubscriberStore, token: Token, rule: Callable[[Subscriber], Subscriber], *, busy: str, now: datetime
) -> Updated | None:
    """Apply a rule to the record of the very address that a link was mailed to, if the link may still do that.

    Raises:
        ExpiredTokenError: The link may only leave by now.
        StoreBusyError, Exception: As `update`.
    """

    def checked(subscriber: Subscriber) -> Subscriber:
        check_still_speaks(token, subscriber, now=now)
        return rule(subscriber)

    return update(subscribers, token.subscriber_id, checked, busy=busy)
