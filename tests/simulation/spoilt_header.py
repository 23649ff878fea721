"""The sends of a story, whose header can become unreadable, until somebody repairs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.sending.domain.books import Books
from newsletter.sending.domain.repair import REBUILT
from newsletter.sending.domain.send import PausedBy, Send, SendState
from tests.factories import SLUG
from tests.sending.fakes import MemorySends

if TYPE_CHECKING:
    from tests.simulation.world import World


class SpoilableSends(MemorySends):
    """Reads a spoilt header as the real store does: as a send that is held, and that nobody can steer."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.is_spoilt = self.was_spoilt = False
        self.told: PausedBy | None = None

    def get(self, slug: str) -> Send | None:
        return Send.in_place_of(slug, editors_informed_of=self.told) if self.is_spoilt else super().get(slug)

    def change(self, slug: str, transition: Callable[[Send], Send | None]) -> Send | None:
        if not self.is_spoilt:
            return super().change(slug, transition)
        after = transition(Send.in_place_of(slug, editors_informed_of=self.told))
        self.told = after.editors_informed_of if after else self.told
        return after

    def close(self, send: Send, books: Books, *, now: datetime) -> bool:
        return not self.is_spoilt and super().close(send, books, now=now)

    def spoil(self) -> None:
        """Write something into the header that is none of ours, once a story at most."""
        header = self.headers.get(SLUG)
        if not self.was_spoilt and header is not None and header.state is not SendState.CLOSED:
            self.is_spoilt = self.was_spoilt = True
            self.world.promises.hold_send(held=True)
            self.world.note("cannot be read: the header")

    def repair(self) -> None:
        """Rebuild the header, as `send repair` does: the send is held."""
        if not self.is_spoilt:
            return
        self.is_spoilt, self.told = False, None
        header = self.headers[SLUG]
        fresh = {"revision": header.revision + 1, "reopened": header.reopened + 1}
        if header.state in (SendState.OPEN, SendState.PAUSED):
            header = replace(
                header, state=SendState.PAUSED, paused_by=PausedBy.RECORD, paused_because=REBUILT, resume_at=None,
                preparing=None, forecast=None, expected_end=None, editors_informed_of=None,
            )  # fmt: skip
        self.headers[SLUG] = replace(header, **fresh)  # type: ignore[arg-type]
        self.world.note(f"repaired: the header, {header.state}")
