"""Several records of readers, as one question brought them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.readers.domain.subscriber import Subscriber


@dataclass(frozen=True, slots=True)
class RecordRepair:
    """What is left of a record that cannot be read."""

    lost: tuple[str, ...]
    """Attributes that are given up."""
    subscriber: Subscriber | None
    """The record without them; None if something is missing that decides whether they may be mailed."""


class RecordsRead(dict[str, Subscriber]):
    """Records by id; whoever does not exist is left out, and whoever has a record that cannot be read is named apart.

    So one bad record is the trouble of one reader, and those who were read with them get what they should.
    """

    def __init__(self, by_id: Mapping[str, Subscriber] | None = None, *, unreadable: Iterable[str] = ()) -> None:
        super().__init__(by_id or {})
        self.unreadable = frozenset(unreadable)
        """The ids of records that exist and cannot be read."""
