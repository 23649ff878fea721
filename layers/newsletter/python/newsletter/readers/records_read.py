"""Several records of readers, as one question brought them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from newsletter.readers.domain.subscriber import Subscriber


class RecordsRead(dict[str, Subscriber]):
    """Records by id; whoever does not exist is left out, and whoever has a record that cannot be read is named apart.

    So one bad record is the trouble of one reader, and those who were read with them get what they should.
    """

    def __init__(self, by_id: Mapping[str, Subscriber] | None = None, *, unreadable: Iterable[str] = ()) -> None:
        super().__init__(by_id or {})
        self.unreadable = frozenset(unreadable)
        """The ids of records that exist and cannot be read."""
