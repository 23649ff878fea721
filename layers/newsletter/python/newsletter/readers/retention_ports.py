"""Ports of forgetting people who left, and of asking readers to renew an old consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from newsletter.readers.domain.renewal import RenewalPolicy
    from newsletter.readers.domain.retention import KeptReceipt, RetentionPolicy
    from newsletter.readers.domain.subscriber import Subscriber
    from newsletter.readers.ports import GreetQueue, SubscriberStore


@dataclass(frozen=True, slots=True)
class LeaversPage:
    """Some of the people who left and whose record still holds an address."""

    subscribers: Collection[Subscriber]
    next_page: str
    """Where to go on; empty at the end of the list."""


class LeaverStore(Protocol):
    """People who left, and the receipts of their consent."""

    def page(self, bookmark: str, *, left_before: datetime, signed_up_before: datetime) -> LeaversPage:
        """Return a page of those who left, or signed up again after leaving and never confirmed, before these moments.

        It reads the whole list, whatever is on the page, and in no order.
        """
        ...

    def forget(self, forgotten: Subscriber, receipt: KeptReceipt | None) -> bool:
        """Write the tombstone `forgotten` over its record, and keep the receipt apart: both, or neither.

        Returns:
            False, and nothing done, if the record is another by now.
        """
        ...


@dataclass(frozen=True, slots=True)
class ForgetPorts:
    """What forgetting people who left touches."""

    leavers: LeaverStore
    policy: RetentionPolicy


@dataclass(frozen=True, slots=True)
class OldConsentsPage:
    """Some of the readers whose consent is old."""

    subscribers: Collection[Subscriber]
    next_page: str
    """Where to go on; empty at the end of the list."""


class OldConsents(Protocol):
    """Readers whose consent is old."""

    def page(self, bookmark: str, *, given_before: datetime) -> OldConsentsPage:
        """Return a page of those who gave it before this moment.

        It reads the whole list, whatever is on the page, and in no order.
        """
        ...


@dataclass(frozen=True, slots=True)
class RenewalPorts:
    """What asking for renewed consents touches."""

    readers: OldConsents
    subscribers: SubscriberStore
    greet_queue: GreetQueue
    policy: RenewalPolicy
