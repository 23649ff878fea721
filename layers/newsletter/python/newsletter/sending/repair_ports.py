"""What repairing a send needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.issues.ports import IssueStore
from newsletter.sending.ports import AcceptedRecipients, SendStore
from newsletter.sending.readers_of_issue import ReadersOfIssue, readers_without_choice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newsletter.sending.domain.batch import Batch
    from newsletter.sending.domain.outcome import Outcome
    from newsletter.sending.domain.repair import Remains
    from newsletter.sending.domain.send import Send


class Remnants(Protocol):
    """Items of sends as far as they can be read, and what they are replaced by."""

    @property
    def meanings(self) -> Mapping[str, Outcome | None]:
        """What a letter of the attribute `outcomes` says."""
        ...

    def header(self, slug: str) -> Remains | None:
        """Return what is left of a header that is missing or cannot be read; None of one that can."""
        ...

    def batches(self, slug: str) -> Iterator[tuple[str, Batch | Remains]]:
        """Yield all batches by name: those that can be read, and what is left of the others."""
        ...

    def put_header(self, send: Send) -> None: ...
    def put_batch(self, batch: Batch) -> None: ...


@dataclass(frozen=True, slots=True)
class RepairPorts:
    """What repairing a send touches."""

    sends: SendStore
    evidence: AcceptedRecipients
    issues: IssueStore
    remnants: Remnants
    readers_of: ReadersOfIssue = readers_without_choice
