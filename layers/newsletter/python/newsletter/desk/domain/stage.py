"""The stage of an issue as an editor sees it, and what can still be decided in it."""

from __future__ import annotations

from enum import StrEnum

from newsletter.core.team import Editor
from newsletter.desk.domain.decision import Verb
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord


class Stage(StrEnum):
    """Where an issue stands."""

    UNKNOWN = "unknown"
    """There is no such issue."""
    WITHDRAWN = "withdrawn"
    DRAFT = "draft"
    HELD = "held"
    UNAPPROVED = "unapproved"
    """Ready, and nobody approved exactly this content."""
    APPROVED = "approved"
    READY = "ready"
    """It needs no approval."""
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


OF_STATUS = {
    IssueStatus.DRAFT: Stage.DRAFT,
    IssueStatus.SENDING: Stage.SENDING,
    IssueStatus.PAUSED: Stage.PAUSED,
    IssueStatus.SENT: Stage.SENT,
    IssueStatus.CANCELLED: Stage.CANCELLED,
}

BEFORE_THE_SEND = frozenset({Stage.DRAFT, Stage.HELD, Stage.UNAPPROVED, Stage.APPROVED, Stage.READY})


def stage_of(record: IssueRecord | None, *, needs_approval: bool) -> Stage:
    """Return where an issue stands."""
    if record is None:
        return Stage.UNKNOWN
    if record.withdrawn:
        return Stage.WITHDRAWN
    if record.held and record.status in (IssueStatus.READY, IssueStatus.DRAFT):
        return Stage.HELD
    if record.status is not IssueStatus.READY:
        return OF_STATUS[record.status]
    if not needs_approval:
        return Stage.READY
    return Stage.APPROVED if record.approved == record.content_hash else Stage.UNAPPROVED


def possible_verbs(
    record: IssueRecord | None, stage: Stage, *, needs_approval: bool, editor: Editor | None
) -> tuple[Verb, ...]:
    """Return what this editor can still decide about an issue at this stage; None is a link that names nobody."""
    if record is None or stage is Stage.WITHDRAWN:
        return ()
    verbs: list[Verb] = []
    if stage in BEFORE_THE_SEND:
        sound = not record.preflight.get("errors")
        verbs += [Verb.RELEASE] if record.held else []  # first, so that whoever held it by mistake has it at once
        verbs += [Verb.APPROVE] if needs_approval and sound and record.approved != record.content_hash else []
        verbs += [] if record.held else [Verb.HOLD]
    else:  # its mail is not repeated; its page can be corrected, taken down and brought back
        verbs += [Verb.APPROVE] if needs_approval and record.cleared != record.content_hash else []
        verbs += [Verb.RELEASE if record.held else Verb.HOLD]
    verbs += [Verb.WITHDRAW]
    return tuple(verb for verb in verbs if verb.is_a_writers or editor is None or editor.approves)
