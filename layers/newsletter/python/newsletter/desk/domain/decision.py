"""A decision of an editor about an issue, by a link or at the command line, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.issues.domain.issue_record import IssueRecord


class Verb(StrEnum):
    """What can be decided."""

    APPROVE = "approve"
    HOLD = "hold"
    RELEASE = "release"
    WITHDRAW = "withdraw"


class DecisionOutcome(StrEnum):
    """What came of pressing the button."""

    APPROVED = "approved"
    HELD = "held"
    PAUSED = "paused"
    """It was going out already, and its send is held."""
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    ALREADY = "already"
    """It was so before."""
    REPLACED = "replaced"
    """Somebody uploaded a newer version; nobody approves what they have not seen."""
    TOO_LATE = "too_late"
    """It has gone out."""
    UNKNOWN = "unknown"
    """There is no such issue any more."""

    @property
    def changed(self) -> bool:
        """Whether anything is different from before."""
        return self in (
            DecisionOutcome.APPROVED,
            DecisionOutcome.HELD,
            DecisionOutcome.PAUSED,
            DecisionOutcome.RELEASED,
            DecisionOutcome.WITHDRAWN,
        )

    @property
    def refused(self) -> bool:
        """Whether the editor did not get what they wanted."""
        return self in (DecisionOutcome.REPLACED, DecisionOutcome.TOO_LATE, DecisionOutcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: about which content of which issue, and what."""

    slug: str
    content_hash: str
    """What the editor looked at; only an approval asks for it, and it may be empty for the other verbs."""
    verb: Verb

    def noted(self, now: datetime) -> str:
        """Return the line that stays on record."""
        return f"{now.isoformat(timespec='seconds')} {self.verb} {self.content_hash}"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision, and the issue as it stands now."""

    outcome: DecisionOutcome
    record: IssueRecord | None = None

    def title(self, decision: Decision) -> str:
        """Return what to call the issue."""
        return self.record.title if self.record else decision.slug
