"""Whether CloudFront is known to prove itself, so that what comes past it may be refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.core.ports import Clock

LEARNING = timedelta(hours=1)
"""After the first request that CloudFront proved. Its edges learn a new header one by one, in five to fifteen minutes:
until the last one knows, readers come through others without it."""


class ProofLog(Protocol):
    """When CloudFront first proved itself with this secret, or one that it was turned from."""

    def note(self, now: datetime) -> None:
        """Remember this moment, unless an earlier one is noted."""
        ...

    def since(self) -> datetime | None:
        """Return the moment; None if CloudFront never proved itself."""
        ...


class FrontDoor:
    """Decides for one environment of a function; what it has learnt stays true, and is asked for once."""

    def __init__(self, proof_log: ProofLog, clock: Clock) -> None:
        self._proof_log = proof_log
        self._clock = clock
        self._noted = False
        self._since: datetime | None = None

    def lets_in(self, *, proved: bool) -> bool:
        """Return whether a request may go on, and remember that CloudFront proves itself if this one is proved.

        Nobody but CloudFront can begin the hour after which others are refused: that takes the secret.

        Raises:
            StoreBusyError: The person may try again at once.
        """
        if proved:
            if not self._noted:
                self._proof_log.note(self._clock.now())
                self._noted = True
            return True
        self._since = self._since or self._proof_log.since()
        return self._since is None or self._clock.now() - self._since < LEARNING
