"""What tearing down needs of the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from newsletter.core.ports import Clock
from newsletter_cli.setup.ports import Deployment, Person


class Readership(Protocol):
    """Who would lose their newsletter."""

    def size(self) -> int:
        """Return how many readers are subscribed."""
        ...


@dataclass(frozen=True, slots=True)
class Remains:
    """Something that stays when a stack is deleted."""

    kind: str
    name: str
    commands: tuple[str, ...]
    """How to remove it, in the order to type."""


class StackParts(Protocol):
    """What a stack is made of, and what hangs on it."""

    def remains(self) -> Sequence[Remains]: ...
    def resource_count(self) -> int: ...
    def release_inbound(self) -> None:
        """Stop receiving mail by this stack's rules: SES keeps the active set from being deleted."""
        ...


@dataclass(frozen=True, slots=True)
class TeardownPorts:
    """What tearing down touches."""

    person: Person
    deployment: Deployment
    readership: Readership
    parts: StackParts
    clock: Clock
