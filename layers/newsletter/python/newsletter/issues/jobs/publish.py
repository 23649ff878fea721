"""An issue file was uploaded: refuse it with reasons, or render it and put it where it belongs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from newsletter.core.slot import Rhythm
from newsletter.errors import InvalidIssueError, StoreBusyError
from newsletter.issues.domain.issue import Issue, IssueStatus, Problem, RenderedIssue, SendPolicy, is_slug
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.domain.preflight import Preflight
from newsletter.issues.domain.problem_list import problem_list
from newsletter.issues.domain.publication import Published
from newsletter.issues.domain.upload import SourceFile, Upload
from newsletter.issues.examination import COMPARED, Examined, examine
from newsletter.issues.ports import Manuscript, PublishPorts

TRIES = 5

PATIENCE = 60
"""Seconds. Whoever uploads a folder uploads it in any order; a picture that is not there by then was forgotten."""


def publish(upload: Upload, *, ports: PublishPorts, rhythm: Rhythm, now: datetime) -> Published:
    """Render an uploaded issue; a bad file changes nothing but the list of its problems beside it.

    Errors of the preflight hold up an issue that says it is ready: one that was never good is a draft until they are
    mended, and of any other the last good version stays. So it does when a draft is uploaded after the send was opened.
    An issue whose pictures are still on their way waits for them a minute; until then nothing changes.

    Every step can be repeated: what is rendered is stored under its content's hash, and an event that S3 ordered
    before one we have seen is old news.
    """
    source = ports.content.newest(upload.key)
    if source is None:
        return Published("gone")
    try:
        manuscript = _read(upload, source.body, ports)
        if upload.patient and not _complete(manuscript, ports):
            ports.publish_queue.publish_again(manuscript.issue.slug, delay=PATIENCE)
            return Published("waits")
        examined = _examined(manuscript, ports, rhythm.local_date(now))
    except InvalidIssueError as refusal:
        return _refused(upload, source, refusal, ports)
    issue, rendered, found = examined.issue, examined.rendered, examined.preflight
    ports.content.put_rendered(rendered)
    for _ in range(TRIES):
        before = ports.issues.get(issue.slug)
        if before is not None and upload.older_than(before.sequencer):
            return Published("stale", before)
        if _changes_nothing(before, issue, found):
            # The last good version stays as it is; beside the file stands what is in the way of this one.
            _put_findings(upload, issue, found, source, ports)
            return Published("blocked", before, False, issue, rendered, source.version, found)
        record = _record(before, issue, rendered, found, upload, source, rhythm, now)
        record = replace(record, corrected_at=_corrected_at(before, rendered, ports, now))
        if ports.issues.put(record, before=before):
            break
    else:
        raise StoreBusyError(f"issue {issue.slug} is being changed at the same moment; it will be tried again")
    moved = ports.content.newest(upload.key) != source
    if moved:
        # Replaced or removed while we rendered, perhaps by somebody whose event has been dealt with already.
        ports.publish_queue.publish_again(issue.slug)
    _put_findings(upload, issue, found, source, ports)
    ports.publish_queue.refresh_archive(issue.slug)
    today = rhythm.local_date(now)
    # Sending already: the first try was cut off before it opened the send, and opening twice opens once.
    due = record.due(today, needs_approval=ports.needs_approval) or record.status is IssueStatus.SENDING
    # What was taken back or replaced in this moment is not sent: the look that was asked for sees what stands now.
    at_once = record.send is SendPolicy.NOW and due and not moved
    return Published("published", record, at_once, issue, rendered, source.version, found)


def _complete(manuscript: Manuscript, ports: PublishPorts) -> bool:
    slug = manuscript.issue.slug
    return all(_stands(slug, name, ports) for name in manuscript.pictures)


def _stands(slug: str, name: str, ports: PublishPorts) -> bool:
    return ports.content.stands(f"issues/{slug}/{name}")


def _examined(manuscript: Manuscript, ports: PublishPorts, today: date) -> Examined:
    """Return the issue rendered and checked; its pictures are on the site then, under names that hold their hash."""
    slug = manuscript.issue.slug

    def others() -> list[IssueRecord]:
        own = ports.issues.get(slug)
        return [*ports.issues.with_status(IssueStatus.READY), *ports.issues.newest(COMPARED), *([own] if own else [])]

    return examine(
        manuscript,
        picture=lambda name: ports.pictures.put(slug, name) if _stands(slug, name, ports) else None,
        others=others,
        today=today,
        ports=ports.examination,
    )


def _read(upload: Upload, source: bytes, ports: PublishPorts) -> Manuscript:
    slug = upload.slug
    if slug is None:
        message = "This is not a Markdown file."
        remedy = "Issues are .md files directly below issues/; pictures go into issues/<name of the issue>/."
        raise InvalidIssueError(upload.key, [Problem(None, message, remedy)])
    if not is_slug(slug):
        message = f"The file name “{slug}.md” cannot become a web address."
        remedy = (
            "Put it directly below issues/; use lower-case letters, digits and hyphens: 2026-12-01-more-for-more.md."
        )
        raise InvalidIssueError(upload.key, [Problem(None, message, remedy)])
    return ports.examination.reader.read(slug, source)


def _changes_nothing(before: IssueRecord | None, issue: Issue, found: Preflight) -> bool:
    """Return whether this version is only looked at: it has errors, or is the draft of a correction."""
    if before is None:
        return False
    return before.status is not IssueStatus.DRAFT and found.blocks if issue.ready else before.status in LOCKED


def _put_findings(upload: Upload, issue: Issue, found: Preflight, source: SourceFile, ports: PublishPorts) -> None:
    ports.content.put_preflight(upload.key, found.to_json())
    if found.blocks and issue.ready:
        ports.content.put_problems(upload.key, problem_list(upload.key, found.findings), version=source.version)
    else:
        ports.content.clear_problems(upload.key)


def _refused(upload: Upload, source: SourceFile, refusal: InvalidIssueError, ports: PublishPorts) -> Published:
    known = ports.issues.get(upload.slug) if upload.slug else None
    if known is not None and upload.older_than(known.sequencer):
        return Published("stale", known)
    # Beside the file stands which version its problems were mailed about: an event that comes again is no news.
    if ports.content.problems_of(upload.key) != source.version:
        ports.editors.tell("editors_problems", key=upload.key, problems=refusal.problems)
        ports.content.put_problems(upload.key, problem_list(upload.key, refusal.problems), version=source.version)
        ports.content.clear_preflight(upload.key)
    return Published("refused")


def _record(
    before: IssueRecord | None,
    issue: Issue,
    rendered: RenderedIssue,
    found: Preflight,
    upload: Upload,
    source: SourceFile,
    rhythm: Rhythm,
    now: datetime,
) -> IssueRecord:
    locked = before is not None and before.status in LOCKED
    status = (
        before.status
        if before and locked
        else (IssueStatus.READY if issue.ready and not found.blocks else IssueStatus.DRAFT)
    )
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
        version=source.version,
        preflight={"errors": len(found.errors), "warnings": len(found.warnings)},
        announced=before.announced if before else "",
        announced_version=before.announced_version if before else "",
        # Whoever approved an issue for the archive, or for its slot, has not approved that it goes out at once.
        approved=before.approved if before and before.send is issue.send else "",
        held=before is not None and before.held,
        decisions=before.decisions if before else (),
        sent_hash=before.sent_hash if before else "",
        sent_at=before.sent_at if before else None,
        shown=before.shown if before else None,
    )
    return replace(record, listed=record.in_archive(rhythm.local_date(now)))


def _corrected_at(
    before: IssueRecord | None, rendered: RenderedIssue, ports: PublishPorts, now: datetime
) -> datetime | None:
    """Return since when the page says something else than the mail; None when they say the same."""
    if before is None or before.status not in LOCKED or not before.sent_hash:
        return None
    if rendered.content_hash == before.sent_hash:
        return None
    if rendered.reads_like(ports.content.rendered(before.slug, before.sent_hash)):
        return None  # what changed is a template, the footer, or the subject of a mail that has gone
    return before.corrected_at if rendered.content_hash == before.content_hash else now
