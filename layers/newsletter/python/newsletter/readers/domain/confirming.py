"""The button behind a confirmation link: who pressed it, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.core.link_token import Token
from newsletter.readers.domain.subscriber import Subscriber


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the button: whose link, and from where."""

    token: Token
    network: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whom the button confirmed, and whether they were already."""

    subscriber: Subscriber
    already: bool
    moved: bool = False
    """Whether a reader came from another address; nobody to be welcomed."""
