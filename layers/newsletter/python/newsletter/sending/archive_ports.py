"""Evidence in its second place, which stands when the tables do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class ArchivedEvidence(Protocol):
    """Reports of SES as they arrived, kept for 30 days beside the tables."""

    def accepted(self, slug: str, since: datetime) -> frozenset[tuple[str, str]]:
        """Return part and id of everybody whom SES took and did not take back, as reports say that came since then.

        A part is named as in the tags of the messages, so `batch_of_part` gives the batch.

        Raises:
            StoreBusyError: The archive does not answer.
        """
        ...
