"""How many batches of a send are planned, and how many are through: whoever ends the last one asks for the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.batch import SWEEP_ROUND, name_in_round
from newsletter.sending.domain.send import Send


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts beside the batches. A worker that dies between the two leaves them apart: they only wake, early or late.

    What they say is never taken for the books: whoever is woken counts the outcomes themselves.
    """

    planned: Mapping[str, int] = field(default_factory=dict)
    """Batches of each chain that is planned to its end, and of each part of the list that was swept, by name."""
    through: int = 0
    """Batches in which nobody waits, whatever chain they are of."""

    def is_complete(self, send: Send) -> bool:
        """Return whether every chain of the send is planned, and every batch is through."""
        if sum(self.planned.values()) > self.through or not self.is_planned(send):
            return False
        return all(name_in_round(SWEEP_ROUND, str(part)) in self.planned for part in send.sweep_parts)

    def is_planned(self, send: Send) -> bool:
        """Return whether every chain of the round of the send is planned to its end."""
        return all(name_in_round(send.round, shard.first) in self.planned for shard in shards(send.shards))
