"""Ports of this wing: interfaces to the outside world, in the words of its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsletter.core.content import MailContent


T = TypeVar("T")


class Clock(Protocol):
    """Time for jobs that wait; all others get `now` as an argument."""

    def now(self) -> datetime: ...
    def sleep(self, seconds: float) -> None: ...


class Counters(Protocol):
    """Counters that forget."""

    def bump(self, key: str, *, expires_at: datetime) -> int:
        """Count one more and return how many there are; of two at once, each gets its own number.

        Args:
            key: Names the window too, so that it is never counted again after `expires_at`.
            expires_at: When the counter may be forgotten; the first one said stays.
        """
        ...

    def give_back(self, key: str) -> None:
        """Take one `bump` back that should not count after all."""
        ...

    def take(self, key: str, taker: str, *, most: int, expires_at: datetime) -> bool:
        """Take one of a few places, and return whether there was one; whoever has one already keeps it.

        Args:
            key: As with `bump`; a key is for counting or for places, never for both.
            taker: Takes the place; the same one may ask again, and is answered the same.
            most: How many places there are.
            expires_at: As with `bump`.
        """
        ...

    def count(self, key: str) -> int:
        """Return how many `bump` has counted."""
        ...


class Mailer(Protocol):
    """Sends one mail to one person: confirmations, welcomes, and mail to the editors."""

    def send(
        self,
        to: str,
        mail: MailContent,
        *,
        kind: str,
        subscriber_id: str = "",
        lane_tag: str = "",
        network_tag: str = "",
        cause_tag: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Make exactly one attempt.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
        """
        ...


class MailRenderer(Protocol):
    """Writes transactional mail."""

    def mail(self, name: str, /, *, lang: str = "", **context: object) -> MailContent:
        """Write the mail of this name; an empty language is the newsletter's own."""
        ...
