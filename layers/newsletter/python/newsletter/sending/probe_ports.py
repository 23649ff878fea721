"""What it takes to know whether SES's reports arrive, and how far they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.sending.domain.probe import Probed, Returned


class Prober(Protocol):
    """Mails SES's own mailbox."""

    def send(self, message_count: int) -> Probed:
        """Hand over up to so many messages, one attempt each; stop at the first that SES does not take."""
        ...


class ReturnedProbes(Protocol):
    """What SES reported of probes."""

    def returned(self, probe_id: str) -> Returned | None:
        """Return what was reported of a probe; None as long as that is nothing."""
        ...


class ProbeLog(Protocol):
    """Where reports about probes are written down."""

    def note(self, probe_id: str, message_id: str, mailed_at: datetime, *, now: datetime) -> None:
        """Remember that SES took a message of a probe; the same report again changes nothing."""
        ...


class EvidenceBacklog(Protocol):
    """Reports of SES that are here and not read yet."""

    def waiting(self) -> int:
        """Return how many wait or are being read.

        Raises:
            StoreBusyError: Nobody knows.
        """
        ...

    def unreadable(self) -> int:
        """Return how many were given up, and lie among the dead letters.

        Raises:
            StoreBusyError: Nobody knows.
        """
        ...


@dataclass(frozen=True, slots=True)
class EvidenceChannel:
    """The way from SES to the evidence."""

    prober: Prober
    returned: ReturnedProbes
    backlog: EvidenceBacklog
