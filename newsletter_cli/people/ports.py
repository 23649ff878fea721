"""What the verbs about single readers need: the list itself, or the API in front of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from newsletter.desk.people.add_reader import Added, NewReader
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason


@dataclass(frozen=True, slots=True)
class FoundReader:
    """What there is about an address."""

    subscriber_id: str
    """Of the address, whether or not there is a record."""
    subscriber: Subscriber | None
    suppression: Suppression | None


class Readers(Protocol):
    """The list, as the verbs look at it and change it. Each method raises CommandError or NewsletterError."""

    def now(self) -> datetime:
        """Return the present."""
        ...

    def everyone(self, subscriber_status: Status | None) -> Iterator[Subscriber]:
        """Yield subscribers in no order, read as they are asked for."""
        ...

    def tagged(self, tag: str) -> Iterator[Subscriber]:
        """Yield those with a tag who may be mailed."""
        ...

    def suppressions(self, reason_wanted: SuppressionReason | None) -> Iterator[dict[str, str]]:
        """Yield suppressions as `suppression_row` writes them."""
        ...

    def find(self, email: str) -> FoundReader:
        """Return what there is about an address.

        Raises:
            InvalidEmailError: It cannot be an address.
        """
        ...

    def evidence(self, email: str, found_reader: FoundReader) -> dict[str, Any]:
        """Return what else can be shown of somebody: receipts and whether they hold, and what became of issues."""
        ...

    def add(self, new_reader: NewReader) -> Added:
        """Add somebody."""
        ...

    def change_tags(
        self, subscriber_id: str, *, added: Collection[str] = (), removed: Collection[str] = ()
    ) -> Collection[str] | None:
        """Give somebody tags and take others off; return those they have then, or None if nobody is there."""
        ...

    def unsubscribe(self, subscriber_id: str) -> None:
        """Take somebody off the list."""
        ...

    def erase(self, subscriber_id: str) -> None:
        """Erase all that is held about somebody, but that they must not be mailed."""
        ...

    def suppress(self, subscriber_id: str, because: str) -> None:
        """Never mail an address again."""
        ...


if TYPE_CHECKING:
    # Both are held to the port here; nothing else would notice before a verb is called.
    from newsletter_cli.people.stack_readers import StackReaders
    from newsletter_cli.remote.api_readers import ApiReaders

    READERS: tuple[type[Readers], ...] = (StackReaders, ApiReaders)
