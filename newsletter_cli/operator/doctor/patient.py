"""What an examination needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.link_token import SigningKeys
from newsletter.desk.settings.sender_dns import Dns
from newsletter_cli.stack import Stack


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page answered; status 0 if it did not."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A stack, and the ways to look at it from outside."""

    stack: Stack
    dns: Dns
    fetch: Callable[[str], Answer]
    leave: Callable[[SigningKeys, str], int]
    """Presses the one-click link that a key signed for nobody, and returns the HTTP status."""
    now: datetime

    @property
    def prefix(self) -> str:
        """How the names of what CloudFormation made for this stack begin."""
        return self.stack.resources.functions["control"].removesuffix("control")
