"""A decision of an editor about an issue, by a link or at the command line, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.core.team import Editor
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord


class Verb(StrEnum):
    """What can be decided."""

    APPROVE = "approve"
    HOLD = "hold"
    RELEASE = "release"
    WITHDRAW = "withdraw"

    @property
    def is_a_writers(self) -> bool:
        """Whether somebody who does not approve may do it: only to hold, which a colleague can take back."""
        return self is Verb.HOLD


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
    NOT_YOURS = "not_yours"
    """It takes an approver, and the link is a writer's."""
    ANOTHER = "another"
    """It takes somebody else than who uploaded the issue."""

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
        return not self.changed and self is not DecisionOutcome.ALREADY


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: about which content of which issue, and what."""

    slug: str
    content_hash: str
    """What the editor looked at; only an approval asks for it, and it may be empty for the other verbs."""
    verb: Verb
    editor: Editor | None = None
    """Whoever decides; None for a link that was mailed before links were personal."""

    @property
    def allowed(self) -> bool:
        """Whether this person may decide this."""
        return self.verb.is_a_writers or self.editor is None or self.editor.approves

    def noted(self, now: datetime) -> str:
        """Return the line that stays on record."""
        line = f"{now.isoformat(timespec='seconds')} {self.verb} {self.content_hash}"
        return f"{line} {' '.join(self.editor.label.split())}" if self.editor else line


@dataclass(frozen=True, slots=True)
class NotedDecision:
    """A line that stays on record, read again."""

    moment: datetime
    verb: str
    content_hash: str
    label: str
    """The person; empty where that is not known."""


def noted_decisions(record: IssueRecord) -> list[NotedDecision]:
    """Return what was decided about an issue, oldest first."""
    found = []
    for line in record.decisions:
        moment, verb, content_hash, label = (*line.split(" ", 3), "", "")[:4]
        found.append(NotedDecision(datetime.fromisoformat(moment), verb, content_hash, label))
    return found


def last_decision(record: IssueRecord, verb: Verb, content_hash: str = "") -> NotedDecision | None:
    """Return the last decision of this kind, about this content if one is given."""
    found = [each for each in noted_decisions(record) if each.verb == verb]
    return next((each for each in reversed(found) if content_hash in ("", each.content_hash)), None)


def approval_voided(record: IssueRecord, rendered: RenderedIssue, *, needs_approval: bool) -> NotedDecision | None:
    """Return the approval of what the editors were last told about, if this version is another; None if there is none.

    It is asked before the record says that they are told about this version too.
    """
    known = record.announced.rpartition(" ")[2]
    if not needs_approval or not known or rendered.content_hash != record.content_hash:
        return None
    stands = record.approved == record.content_hash or record.status in LOCKED
    return None if stands else last_decision(record, Verb.APPROVE, known)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision, and the issue as it stands now."""

    outcome: DecisionOutcome
    record: IssueRecord | None = None

    def title(self, decision: Decision) -> str:
        """Return what to call the issue."""
        return self.record.title if self.record else decision.slug
