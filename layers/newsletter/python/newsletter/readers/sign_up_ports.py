"""Ports of the form of the website: what it asks and leaves, in as few calls as its answer allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from concurrent.futures import Executor

    from newsletter.readers.address_ports import MailDomains
    from newsletter.readers.domain.limits import CountedLimit
    from newsletter.readers.domain.sign_up import Known, SignUpWrite
    from newsletter.readers.domain.subscriber import Subscriber
    from newsletter.readers.limiter import Limiter
    from newsletter.readers.ports import Addresses, GreetQueue


class SignUpStore(Protocol):
    """What a sign-up reads and writes about one address."""

    def look(self, subscriber_id: str, counter_keys: Collection[str]) -> Known:
        """Read the record and the suppression, consistently, and some counters, in one question.

        Raises:
            UnreadableRecordError: There is a record, and it cannot be read.
            StoreBusyError: The same call can work later.
        """
        ...

    def record(self, subscriber: Subscriber, of_address: CountedLimit) -> SignUpWrite:
        """Write over the version that `subscriber` was made from, and count one sign-up: both, or neither.

        Raises:
            StoreBusyError: The same call can work later.
        """
        ...

    def pass_over(self, subscriber: Subscriber, of_address: CountedLimit) -> SignUpWrite:
        """Count one sign-up of a suppressed address, and take as long as `record`: the time of an answer tells nothing.

        Raises:
            StoreBusyError: The same call can work later.
        """
        ...


@dataclass(frozen=True, slots=True)
class FormPorts:
    """What the form of the website touches."""

    sign_ups: SignUpStore
    addresses: Addresses
    limiter: Limiter
    mail_domains: MailDomains
    greet_queue: GreetQueue
    threads: Executor
    """For calls that do not wait for one another."""
    seal_key: str
    """Seals receipts of consent."""
    slow_lane_seconds: int
    """How long the email waits for whoever brought no proof of work."""
