"""Shards: parts of the audience that are planned side by side.

Subscriber ids are spread evenly (they are hashes), so a shard is a range of their first two hexadecimal characters.
The audience index is partitioned by the first character, whatever the number of shards: changing that number moves
no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

PARTITIONS = 16
"""Of the indexes of the audience: one for each first character of an id."""

PREFIXES = 256


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of subscriber ids: `first` (inclusive prefix) to `end` (exclusive prefix, "" for open)."""

    first: str
    end: str

    @property
    def partition(self) -> str:
        """The partition of the audience index that holds this shard."""
        return self.first[0]

    @property
    def bound(self) -> str:
        """A text that sorts after every id of this shard and before every id of the next."""
        return self.end or "g"


EVERYBODY = Shard("00", "")
"""The whole audience as one range of ids. For batches, not for the index, which is cut into partitions."""


@cache  # every look at a send asks for them
def shards(count: int) -> tuple[Shard, ...]:
    """Return all shards of an audience, in the order of ids.

    Raises:
        ValueError: The count does not divide the ids evenly within the index's sixteen partitions.
    """
    if count not in (16, 32, 64, 128, 256):
        raise ValueError(f"FanOutShards is {count}; it must be 16, 32, 64, 128 or 256")
    step = PREFIXES // count
    starts = [f"{prefix:02x}" for prefix in range(0, PREFIXES, step)]
    return tuple(Shard(first, end) for first, end in zip(starts, [*starts[1:], ""], strict=True))


def shard_of(name: str, all_shards: Sequence[Shard]) -> Shard:
    """Return the shard of all that an id, or the name of a first batch, belongs to."""
    return all_shards[int(name[:2], 16) * len(all_shards) // PREFIXES]


def partition(subscriber_id: str) -> str:
    """Return the partition of the audience index that holds this subscriber."""
    return subscriber_id[0]
