"""Actions about issues: which there are, when one goes out, and what editors decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from newsletter.control.requests import required_text, send_name, whole_number
from newsletter.core.team import Editor, known_as
from newsletter.desk.domain.decision import Decision, DecisionOutcome, Verb, noted_decisions
from newsletter.desk.domain.preview_address import moment_of_another_address
from newsletter.desk.jobs import decide as desk
from newsletter.errors import InvalidRequestError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.domain.public_version import public_version
from newsletter.issues.domain.send_time import send_time_sentence
from newsletter.issues.domain.upload import LONGEST_IDENTITY
from newsletter.wiring import App

NEWEST = 60
"""Two years of fortnights, and some extra ones."""

DECISIONS = {f"{verb}_issue": verb for verb in Verb}
"""The verb of each action."""

REFUSALS = {
    DecisionOutcome.REPLACED: "a newer version of {slug} was uploaded; look at its preview, then approve that",
    DecisionOutcome.TOO_LATE: "{slug} has gone out, or is going out; to stop it in the middle, hold it",
    DecisionOutcome.NOT_YOURS: "this takes an approver, and the editors have you as a writer; you can hold {slug}",
    DecisionOutcome.ANOTHER: "whoever uploaded {slug} last cannot approve it alone; another approver can",
    DecisionOutcome.UNKNOWN: "there is no issue {slug}; upload issues/{slug}.md first",
}


def newsletter(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    """Return what an issue is rendered and checked with: for whoever does so at their desk."""
    settings = app.settings
    return asdict(app.newsletter) | {
        "public_url": settings.public_url,
        "feed_namespace": settings.feed_namespace,
        "time_zone": settings.time_zone,
        "check_links": settings.check_links,
        "attachment_megabytes": settings.attachment_megabytes,
        "require_approval": settings.needs_approval,
        "anchor_date": settings.anchor_date.isoformat(),
        "period_weeks": settings.period_weeks,
        "house_style": app.house_style.current().to_json(),
    }


def issues(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - as all actions
    """Return the newest issues, newest date first; what is gone out brings its books in short."""
    number = whole_number(request, "number", default=NEWEST, at_most=10 * NEWEST)
    records = [record for status in IssueStatus for record in app.issues.with_status(status)]
    records.sort(key=lambda record: (record.date, record.slug), reverse=True)
    return {"issues": [_in_short(record) | _books(record, app) for record in records[:number]]}


def issue(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return one issue, with a sentence about when it goes out."""
    record = _record(request, app)
    ready, rhythm = app.issues.with_status(IssueStatus.READY), app.current_rhythm()
    needs_approval = app.settings.needs_approval
    when = send_time_sentence(record, ready, rhythm, needs_approval=needs_approval, now=now)
    return _in_short(record) | {
        "content_hash": record.content_hash,
        "version": record.version,
        "announced": record.announced,
        "announced_version": record.announced_version,
        "uploaded_by": record.uploaded_by,
        "public": public_version(record, rhythm=rhythm, needs_approval=needs_approval, now=now) is not None,
        "preview_url": _preview_url(record, record.preview_since, app),
        "decisions": [
            {"at": each.moment.isoformat(), "verb": each.verb, "content": each.content_hash, "by": each.label}
            for each in noted_decisions(record)
        ],
        "outlook": "It was withdrawn." if record.withdrawn else when,
    }


def end_preview(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """End the address of an issue's preview page, whoever has it, and return another one."""
    record = _record(request, app)
    since = moment_of_another_address(record, now=now)
    app.issues.set_preview_since(record.slug, since)
    return {"slug": record.slug, "preview_url": _preview_url(record, since, app)}


def decide(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Approve, hold, release or withdraw an issue as it stands; the editors hear of it, and of whoever asked."""
    slug, verb = send_name(request), DECISIONS[request["action"]]
    content = required_text(request, "content") if verb is Verb.APPROVE else str(request.get("content", ""))
    decision = Decision(slug, content, verb, _editor(request, app))
    decided = desk.decide(decision, by_link=False, ports=app.decide_ports, rhythm=app.current_rhythm(), now=now)
    if decided.outcome.refused:
        raise InvalidRequestError(REFUSALS[decided.outcome].format(slug=slug))
    content = decided.record.content_hash if decided.record else decision.content_hash
    return {"slug": slug, "outcome": str(decided.outcome), "content": content}


def _record(request: Mapping[str, Any], app: App) -> IssueRecord:
    slug = send_name(request)
    record = app.issues.get(slug)
    if record is None:
        raise InvalidRequestError(REFUSALS[DecisionOutcome.UNKNOWN].format(slug=slug))
    return record


def _preview_url(record: IssueRecord, since: datetime | None, app: App) -> str:
    """Return the address of the preview page; nothing where there is none."""
    return app.preview_links.to_page(record.slug, since=since) if since and not record.withdrawn else ""


def _editor(request: Mapping[str, Any], app: App) -> Editor | None:
    """Return who asks: somebody of the team, or whoever AWS says it is; None for a program that does not say."""
    identity = str(request.get("by", "")).strip()[:LONGEST_IDENTITY]
    if not identity:
        return None
    return known_as(identity, app.editors.team) or Editor(identity, "")


def _in_short(record: IssueRecord) -> dict[str, Any]:
    return {
        "slug": record.slug,
        "date": record.date.isoformat(),
        "status": "withdrawn" if record.withdrawn else str(record.status),
        "title": record.title,
        "subject": record.subject,
        "summary": record.summary,
        "send": str(record.send),
        "send_at": str(record.send_at) if record.send_at else None,
        "held": record.held,
        "approved": bool(record.approved) and record.approved == record.content_hash,
        "sent_at": record.sent_at.isoformat() if record.sent_at else None,
        "errors": record.preflight.get("errors", 0),
        "warnings": record.preflight.get("warnings", 0),
    }


def _books(record: IssueRecord, app: App) -> dict[str, Any]:
    """Return the books of a closed send in short; those of an open one are what `status` counts."""
    send = app.sends.get(record.slug) if record.status in LOCKED else None
    if send is None or send.books is None:
        return {"books": None}
    books = send.books
    skipped, failed = sum(books.skipped.values()), sum(books.failed.values())
    return {"books": {"audience": books.audience, "sent": books.sent, "skipped": skipped, "failed": failed}}
