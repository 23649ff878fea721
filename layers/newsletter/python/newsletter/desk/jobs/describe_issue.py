"""Where an issue stands, for an editor who opened a link: its stage, when it goes out, what can be decided."""

from __future__ import annotations

from datetime import datetime

from newsletter.core.slot import Rhythm
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.desk.domain.decision_words import STAGES, stage_sentence
from newsletter.desk.domain.four_eyes import may_approve
from newsletter.desk.domain.issue_description import IssueDescription
from newsletter.desk.domain.stage import BEFORE_THE_SEND, Stage, possible_verbs, stage_of
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.send_time import send_time_sentence
from newsletter.sending.domain.send import SendState


def describe_issue(decision: Decision, *, ports: DecidePorts, rhythm: Rhythm, now: datetime) -> IssueDescription:
    """Describe the issue that a link speaks of to whoever opened it; nothing is changed."""
    record = ports.issues.get(decision.slug)
    stage = stage_of(record, needs_approval=ports.needs_approval)
    newer = record is not None and bool(decision.content_hash) and record.content_hash != decision.content_hash
    send = ports.sends.get(decision.slug) if stage in (Stage.SENDING, Stage.PAUSED) else None
    if send is not None and send.state is SendState.PAUSED:
        stage = Stage.PAUSED  # the record follows a moment later
    sentences = [stage_sentence(record, stage, send, rhythm.time_zone)]
    verbs = possible_verbs(record, stage, needs_approval=ports.needs_approval, editor=decision.editor)
    if record is not None and stage in BEFORE_THE_SEND:
        ready = ports.issues.with_status(IssueStatus.READY)
        sentences.append(send_time_sentence(record, ready, rhythm, needs_approval=ports.needs_approval, now=now))
        sentences += _about_the_uploader(record, decision, ports) if Verb.APPROVE in verbs else ()
    if record is not None and not _can_be_approved(record, decision, ports, newer=newer):
        verbs = tuple(verb for verb in verbs if verb is not Verb.APPROVE)
    if stage in (Stage.SENT, Stage.CANCELLED) and decision.verb is not Verb.WITHDRAW:
        # Of what is over nothing is left to decide but what its page still needs; only a link to withdraw offers that.
        verbs = tuple(verb for verb in verbs if verb is not Verb.WITHDRAW)
    first = [verb for verb in verbs if verb is decision.verb]
    others = [verb for verb in verbs if verb is not decision.verb]
    return IssueDescription(
        record, stage, STAGES[stage], tuple(filter(None, sentences)), newer, (*first, *others), _preview(record, ports)
    )


def _preview(record: IssueRecord | None, ports: DecidePorts) -> str:
    if record is None or record.withdrawn or record.preview_since is None:
        return ""
    return ports.preview_links.to_page(record.slug, since=record.preview_since)


def _can_be_approved(record: IssueRecord, decision: Decision, ports: DecidePorts, *, newer: bool) -> bool:
    return not newer and may_approve(
        decision.editor, record.uploaded_by, approval=ports.approval, team=ports.editors.team
    )


def _about_the_uploader(record: IssueRecord, decision: Decision, ports: DecidePorts) -> tuple[str, ...]:
    """Return what is known about who uploaded, where it matters for who may approve."""
    if not ports.tells_uploaders_apart:
        return ()
    if not record.uploaded_by:
        return ("Nobody knows who uploaded this version, so any approver may approve it.",)
    if may_approve(decision.editor, record.uploaded_by, approval=ports.approval, team=ports.editors.team):
        return (f"It was uploaded by {record.uploaded_by}.",)
    uploader = "You uploaded this version" if decision.editor else f"It was uploaded by {record.uploaded_by}"
    return (f"{uploader}, so another approver has to approve it.",)
