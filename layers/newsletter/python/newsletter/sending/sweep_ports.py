"""What the sweep needs: the check of a planned audience against the list itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from newsletter.readers.domain.subscriber import Subscriber
    from newsletter.sending.domain.batch import Batch


class LatelyChanged(Protocol):
    """Readers as the list has them, not as its index shows them."""

    def changed_since(self, moment: datetime, *, segment: int, segments: int) -> Iterator[Subscriber]:
        """Yield, from one part of the list, whoever confirmed since, and the signposts of whoever moved away since.

        Read consistently, in no order; a record that cannot be read is left out.
        """
        ...

    def get(self, subscriber_id: str) -> Subscriber | None:
        """Read one of them, consistently.

        Raises:
            UnreadableRecordError: There is a record, and it cannot be read.
        """
        ...


class SweepStore(Protocol):
    """How far the sweep of a send has come, by part of the list."""

    def add_found(self, batch: Batch, segment: int) -> bool:
        """Write the batch of somebody who was found in a part; False if it stands already, or the part is through."""
        ...

    def finish_part(self, slug: str, segment: int) -> None:
        """Remember that everybody of this part is planned; nobody is added to it any more."""
        ...

    def finished_parts(self, slug: str) -> frozenset[int]: ...
