"""How large a part of the list is, for whoever decides about an issue for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AudienceLook:
    """A look at a part of the list."""

    readers: int
    everybody: int
    """Of the whole list."""
    is_estimate: bool = False
    """Whether a sixteenth of a large list was counted, and taken for the whole."""
    unknown_tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tags that no reader has, each with those of its spelling that readers have."""
