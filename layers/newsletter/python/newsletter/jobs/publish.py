"""An issue file was uploaded: refuse it with reasons, or render it and put it where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.domain.issue import Issue, IssueStatus, Problem, RenderedIssue, SendPolicy, is_slug
from newsletter.domain.issue_record import LOCKED, IssueRecord
from newsletter.domain.slot import Rhythm, in_words
from newsletter.domain.upload import Upload
from newsletter.errors import InvalidIssueError, StoreBusyError
from newsletter.ports import PublishPorts

TRIES = 5


@dataclass(frozen=True, slots=True)
class Published:
    """What came of an upload."""

    result: str
    """published | refused | stale | gone"""
    record: IssueRecord | None = None
    send_now: bool = False
    """Whether the issue asks to go out at once, and may."""


def publish(upload: Upload, *, ports: PublishPorts, rhythm: Rhythm, public_url: str, now: datetime) -> Published:
    """Render an uploaded issue; a bad file changes nothing but the list of its problems beside it.

    Every step can be repeated: what is rendered is stored under its content's hash, and an event that S3 ordered
    before one we have seen is old news.
    """
    source = ports.content.read(upload.key)
    if source is None:
        return Published("gone")  # removed meanwhile; the event of the removal is on its way
    try:
        issue = _parsed(upload, source, ports)
        rendered = ports.renderer.render_issue(issue)
    except InvalidIssueError as refusal:
        return _refused(upload, refusal, ports)
    ports.content.put_rendered(rendered)
    for _ in range(TRIES):
        before = ports.issues.get(issue.slug)
        if before is not None and upload.older_than(before.sequencer):
            return Published("stale", before)
        record = _record(before, issue, rendered, upload, rhythm, now)
        if ports.issues.put(record, before=before):
            break
    else:
        raise StoreBusyError(f"issue {issue.slug} is being changed at the same moment; it will be tried again")
    ports.content.clear_problems(upload.key)
    ports.queues.refresh_archive(issue.slug)
    _tell_editors(issue, rendered, record, ports, rhythm, f"{public_url}/issues/{issue.slug}/", now)
    # Sending already: the first try was cut off before it opened the send, and opening twice opens once.
    due = (
        record.due(rhythm.local_date(now), needs_approval=ports.needs_approval) or record.status is IssueStatus.SENDING
    )
    return Published("published", record, send_now=record.send is SendPolicy.NOW and due)


def _parsed(upload: Upload, source: bytes, ports: PublishPorts) -> Issue:
    slug = upload.slug
    if slug is None:
        message = "This is not a Markdown file."
        remedy = "Issues are .md files directly below issues/; pictures go into issues/<name of the issue>/."
        raise InvalidIssueError(upload.key, [Problem(None, message, remedy)])
    if not is_slug(slug):
        message = f"The file name “{slug}.md” cannot become a web address."
        remedy = "Use lower-case letters, digits and hyphens, for example 2026-12-01-more-for-more.md."
        raise InvalidIssueError(upload.key, [Problem(None, message, remedy)])
    return ports.parse(slug, source)


def _refused(upload: Upload, refusal: InvalidIssueError, ports: PublishPorts) -> Published:
    known = ports.issues.get(upload.slug) if upload.slug else None
    if known is not None and upload.older_than(known.sequencer):
        return Published("stale", known)
    ports.content.put_problems(upload.key, f"{refusal}\n")
    mail = ports.mails.mail("editors_problems", key=upload.key, problems=refusal.problems)
    ports.mailer.send(ports.editor_email, mail, kind="editors")
    return Published("refused")


def _record(
    before: IssueRecord | None, issue: Issue, rendered: RenderedIssue, upload: Upload, rhythm: Rhythm, now: datetime
) -> IssueRecord:
    locked = before is not None and before.status in LOCKED
    status = before.status if before and locked else (IssueStatus.READY if issue.ready else IssueStatus.DRAFT)
    record = IssueRecord(
        slug=issue.slug,
        status=status,
        title=issue.title,
        subject=issue.subject,
        summary=issue.summary,
        date=issue.date,
        content_hash=rendered.content_hash,
        send=issue.send,
        lang=issue.lang,
        topics=issue.topics,
        sequencer=max(upload.sequencer, before.sequencer if before else ""),
        announced=before.announced if before else "",
        announced_version=before.announced_version if before else "",
        approved=before.approved if before else "",
        held=before is not None and before.held,
        decisions=before.decisions if before else (),
        sent_hash=before.sent_hash if before else "",
        sent_at=before.sent_at if before else None,
    )
    return replace(record, listed=record.in_archive(rhythm.local_date(now)))


def _tell_editors(
    issue: Issue,
    rendered: RenderedIssue,
    record: IssueRecord,
    ports: PublishPorts,
    rhythm: Rhythm,
    page_url: str,
    now: datetime,
) -> None:
    # The file as well as what it became: a draft that is made ready reads the same, and goes out.
    announced = f"{issue.source_hash} {rendered.content_hash}"
    if record.announced == announced:
        return  # the same event again, or the same file uploaded again
    when = _when(record, rhythm, now, needs_approval=ports.needs_approval)
    mail = ports.mails.mail(
        "editors_preview", issue=issue, rendered=rendered, page_url=page_url, when=when, subscribers=None
    )
    ports.mailer.send(ports.editor_email, mail, kind="editors")
    ports.issues.set_announced(record.slug, announced, version=record.version)


def _when(record: IssueRecord, rhythm: Rhythm, now: datetime, *, needs_approval: bool) -> str:
    """Return when this issue goes out, as a clause that follows “It goes out”."""
    if record.status in LOCKED:
        return "not again: this corrects the web page and the feeds, the mail is not repeated"
    if record.status is IssueStatus.DRAFT:
        return "not yet: it is a draft; say “status: ready” when it may go"
    if record.send is SendPolicy.NEVER:
        return "never: it is for the archive only"
    if record.send is SendPolicy.NOW and record.due(rhythm.local_date(now), needs_approval=needs_approval):
        return "at once"
    slot = rhythm.next_slot_on_or_after(record.date, now=now)
    return f"on {in_words(slot)} ({rhythm.time_zone.key})"
