"""An editor approved an issue: exactly this content may go out, or correct the page of what has gone out."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome
from newsletter.desk.domain.four_eyes import may_approve
from newsletter.desk.ports import DecidePorts
from newsletter.issues.correction import correction_moment
from newsletter.issues.domain.issue import SendPolicy
from newsletter.issues.domain.issue_record import LOCKED


def approve(decision: Decision, *, ports: DecidePorts, now: datetime) -> Decided:
    """Approve the content that the link speaks of; one that asks to go at once, or whose hour is over, goes."""
    record = ports.issues.get(decision.slug)
    if record is None or record.withdrawn:
        return Decided(DecisionOutcome.UNKNOWN, record)
    if record.status in LOCKED and record.cleared == record.content_hash:
        return Decided(DecisionOutcome.TOO_LATE, record)
    if record.content_hash != decision.content_hash:
        return Decided(DecisionOutcome.REPLACED, record)
    if not may_approve(
        decision.editor, record.uploaded_by, approval=ports.approval, team=ports.editors.team
    ):  # fmt: skip
        return Decided(DecisionOutcome.ANOTHER, record)
    if record.approved == decision.content_hash:
        ports.publish_queue.refresh_archive(decision.slug)  # in case the first try was cut off before it asked
        return Decided(DecisionOutcome.ALREADY, record)
    corrected_at = None
    if record.status in LOCKED:
        rendered = ports.content.rendered(decision.slug, decision.content_hash)
        corrected_at = correction_moment(record, rendered, content=ports.content, now=now)
    approved = ports.issues.approve(
        decision.slug, decision.content_hash, noted=decision.noted(now), corrected_at=corrected_at
    )
    if approved is None:
        return Decided(DecisionOutcome.REPLACED, ports.issues.get(decision.slug))  # in this very moment
    ports.publish_queue.refresh_archive(decision.slug)
    if approved.send is SendPolicy.NOW:
        ports.publish_queue.publish_again(decision.slug)
    elif approved.send is SendPolicy.AT:
        ports.publish_queue.send_at_hour(decision.slug)
    return Decided(DecisionOutcome.APPROVED, approved)
