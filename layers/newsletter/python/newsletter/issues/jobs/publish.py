"""An issue file was uploaded: refuse it with reasons, or render it and put it where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from newsletter.aws.side_by_side import side_by_side
from newsletter.core.races import LOST, Race, win
from newsletter.core.slot import Rhythm
from newsletter.errors import InvalidIssueError, ProblemLike
from newsletter.issues.correction import correction_moment
from newsletter.issues.departure import await_hour, leaves_at, leaves_now
from newsletter.issues.domain.issue import Issue, IssueStatus, Problem, RenderedIssue, is_slug
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.domain.linked_file import spellings
from newsletter.issues.domain.own_links import Neighbour
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import AUDIENCE_READERS, Preflight
from newsletter.issues.domain.problem_list import NOT_MAILED, problem_list
from newsletter.issues.domain.public_version import public_version
from newsletter.issues.domain.publication import Published, UploadResult, announcement
from newsletter.issues.domain.upload import FOLDER, SourceFile, Upload, problems_key, translation_of
from newsletter.issues.examination import COMPARED, Examined, examine
from newsletter.issues.examination_ports import Manuscript
from newsletter.issues.other_file import answer_to
from newsletter.issues.ports import PublishPorts
from newsletter.issues.translations import read_translations, translations_among, with_translations, without_original

PICTURES_AT_ONCE = 4
"""Invocations of the function that opens pictures; an account begins with ten of all functions together."""

PATIENCE = 60
"""Seconds. Whoever uploads a folder uploads it in any order; what is not there by then was forgotten."""


def publish(upload: Upload, *, ports: PublishPorts, rhythm: Rhythm, now: datetime) -> Published:
    """Render an uploaded issue; a bad file changes nothing but the list of its problems beside it.

    Errors of the preflight hold up an issue that says it is ready: one that was never good is a draft until they are
    mended, and of any other the last good version stays. So it does when a draft is uploaded after the send was opened.
    An issue whose pictures or files are still on their way waits for them a minute; until then nothing changes. So does
    a translation for its original, and an issue goes with all its translations or not at all.

    Every step can be repeated: what is rendered is stored under its content's hash, and an event that S3 ordered
    before one we have seen is old news.
    """
    # Before anything is read: what is replaced from here on is seen when it is listed again.
    there = ports.content.files_of(upload.slug) if upload.slug and is_slug(upload.slug) else {}
    file = ports.content.newest(upload.key)
    if file is None:
        return Published(UploadResult.WAITS if _wait_for_original(upload, there, ports) else UploadResult.GONE)
    beside = translations_among(there, ports.content)
    try:
        manuscript = _read(upload, file.body, ports)
        translations = read_translations(manuscript.issue, beside, reader=ports.examination.reader)
        editions = (manuscript, *translations.values())
        if upload.patient and not all(_complete(each, there) for each in editions):
            ports.publish_queue.look_later(replace(upload, patient=False), delay=PATIENCE)
            return Published(UploadResult.WAITS)
        with _compared(manuscript.issue.slug, ports) as known, _pictures(editions, there, ports) as put_picture:
            examined_as = partial(_examined, put_picture=put_picture, known=known, ports=ports)
            local_now = now.astimezone(rhythm.time_zone)
            translated = {key: examined_as(each, local_now) for key, each in translations.items()}
            examined = with_translations(examined_as(manuscript, local_now), translated)
    except InvalidIssueError as refusal:
        return _refused(upload, {upload.key: file, **beside}, refusal, ports)
    issue, rendered, preflight = examined.issue, examined.rendered, examined.preflight
    versions = {translation_of(key)[1]: each.version for key, each in beside.items()}
    found = (issue, rendered, file.version, versions, preflight, known.result().ready)
    ports.content.put_rendered(rendered)

    def attempt() -> Published | Literal[Race.LOST]:
        before = ports.issues.get(issue.slug)
        if before is not None and upload.older_than(before.sequencer):
            return Published(UploadResult.STALE, before)
        if _changes_nothing(before, issue, preflight):
            return Published(UploadResult.BLOCKED, before, False, *found)
        record = _record(before, issue, rendered, preflight, upload, file)
        record = _cleared(before, record, rendered, ports, rhythm, now)
        known = before if before is not None and before.announced == announcement(issue, rendered) else None
        record = replace(record, leaves_at=leaves_at(record, known, ports=ports, rhythm=rhythm, now=now))
        if not ports.issues.put(record, before=before):
            return LOST
        return Published(UploadResult.PUBLISHED, record, False, *found)

    def put_findings(there: Collection[str]) -> None:
        _put_findings(upload.key, preflight, file, there, ports, ready=issue.ready)
        for key, each in translated.items():
            _put_findings(key, each.preflight, beside[key], there, ports, ready=issue.ready)

    busy = f"issue {issue.slug} is being changed at the same moment; it will be tried again"
    published = win(attempt, busy=busy)
    if published.result is UploadResult.BLOCKED:
        # The last good version stays as it is; beside the file stands what is in the way of this one.
        put_findings(there)
    record = published.record
    if published.result is not UploadResult.PUBLISHED or record is None:
        return published
    there_now, _ = side_by_side(
        [partial(ports.content.files_of, issue.slug), partial(ports.publish_queue.refresh_archive, issue.slug)],
        ports.threads,
    )
    moved = _sources(there_now, issue.slug) != _sources(there, issue.slug)
    if moved:
        # Replaced or removed while we rendered, perhaps by somebody whose event has been dealt with already.
        ports.publish_queue.publish_again(issue.slug)
    put_findings(there_now)
    await_hour(record, publish_queue=ports.publish_queue, zone=rhythm.time_zone, now=now)
    # What was taken back or replaced in this moment is not sent: the look that was asked for sees what stands now.
    return replace(published, send_now=not moved and leaves_now(record, ports=ports, now=now))


def _sources(marks: Mapping[str, str], slug: str) -> dict[str, str]:
    """Return the marks of the issue's own file and of its translations."""
    return {key: each for key, each in marks.items() if key.startswith(f"{FOLDER}{slug}.") and key.endswith(".md")}


def _complete(manuscript: Manuscript, there: Collection[str]) -> bool:
    slug = manuscript.issue.slug
    return all(_lies_in(there, slug, name) for name in (*manuscript.pictures, *manuscript.files))


def _lies_in(there: Collection[str], slug: str, name: str) -> bool:
    return any(f"{FOLDER}{slug}/{spelling}" in there for spelling in spellings(name))


@contextmanager
def _pictures(
    editions: Sequence[Manuscript], there: Collection[str], ports: PublishPorts
) -> Iterator[Callable[[str], Picture | None]]:
    """Have the pictures of all editions made fit, some at once and each once; hand out what answers by their names."""
    slug = editions[0].issue.slug
    names = dict.fromkeys(name for each in editions for name in each.pictures if _lies_in(there, slug, name))
    with ThreadPoolExecutor(PICTURES_AT_ONCE) as threads:
        begun = {name: threads.submit(ports.pictures.put, slug, name) for name in names}
        try:
            yield lambda name: begun[name].result() if name in begun else None
        finally:
            # Whoever asks no more has seen enough that cannot be opened.
            threads.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Known:
    """What an issue is compared with."""

    ready: list[IssueRecord]
    newest: list[IssueRecord]
    own: IssueRecord | None

    def all(self) -> list[IssueRecord]:
        return [*self.ready, *self.newest, *([self.own] if self.own else [])]


@contextmanager
def _compared(slug: str, ports: PublishPorts) -> Iterator[Future[_Known]]:
    """Have what an issue is compared with read while its pictures are opened."""
    begun = ports.threads.submit(_known, slug, ports)
    try:
        yield begun
    finally:
        wait([begun])  # in Lambda, what runs on behind an answer stands still until the next request


def _known(slug: str, ports: PublishPorts) -> _Known:
    issues = ports.issues
    return _Known(issues.with_status(IssueStatus.READY), issues.newest(COMPARED), issues.get(slug))


def _examined(
    manuscript: Manuscript,
    local_now: datetime,
    *,
    put_picture: Callable[[str], Picture | None],
    known: Future[_Known],
    ports: PublishPorts,
) -> Examined:
    """Return the issue rendered and checked; its pictures are on the site then, under names that hold their hash."""
    slug = manuscript.issue.slug
    return examine(
        manuscript,
        put_picture=put_picture,
        look_at_file=lambda name: ports.files.look(slug, name),
        find_neighbour=lambda slug: _neighbour(slug, ports),
        compared_with=lambda: known.result().all(),
        today=local_now.date(),
        time_of_day=local_now.time(),
        ports=ports.examination,
    )


def _neighbour(slug: str, ports: PublishPorts) -> Neighbour | None:
    """Return another issue with what is served beside its page."""
    record = ports.issues.get(slug)
    if record is None:
        return None
    rendered = ports.content.rendered(slug, record.content_hash)
    paths = [each.path for one in rendered.editions for each in one.files]
    paths += [each.path for one in rendered.editions for each in one.pictures]
    return Neighbour(record, frozenset(paths))


def _read(upload: Upload, source: bytes, ports: PublishPorts) -> Manuscript:
    slug = upload.slug
    if slug is None:
        message, remedy = answer_to(upload.key)
        raise InvalidIssueError(upload.key, [Problem(None, message, remedy)])
    if not is_slug(slug):
        message = f"The file name “{slug}.md” cannot become a web address."
        remedy = (
            "Put it directly below issues/; use lower-case letters, digits and hyphens: 2026-12-01-more-for-more.md."
        )
        raise InvalidIssueError(upload.key, [Problem(None, message, remedy)])
    return ports.examination.reader.read(slug, source)


def _changes_nothing(before: IssueRecord | None, issue: Issue, preflight: Preflight) -> bool:
    """Return whether this version is only looked at: it has errors, or is the draft of a correction."""
    if before is None:
        return False
    return before.status is not IssueStatus.DRAFT and preflight.blocks if issue.ready else before.status in LOCKED


def _put_findings(
    key: str, preflight: Preflight, file: SourceFile, there: Collection[str], ports: PublishPorts, *, ready: bool
) -> None:
    ports.content.put_preflight(key, preflight.to_json())
    if preflight.blocks and ready:
        ports.content.put_problems(key, problem_list(key, preflight.findings), version=file.version)
    elif problems_key(key) in there:  # each removal leaves a mark in the bucket
        ports.content.clear_problems(key)


def _wait_for_original(upload: Upload, there: Collection[str], ports: PublishPorts) -> bool:
    """Return whether translations wait for the file they belong to; beside those that waited in vain, say so."""
    if upload.removed or not upload.slug or not is_slug(upload.slug):
        return False
    alone = translations_among(there, ports.content)
    if alone and upload.patient:
        ports.publish_queue.look_later(replace(upload, patient=False), delay=PATIENCE)
        return True
    for key, file in alone.items():
        _tell_problems(key, file, [without_original(key)], ports)
    return False


def _refused(
    upload: Upload, files: Mapping[str, SourceFile], refusal: InvalidIssueError, ports: PublishPorts
) -> Published:
    """Say what is wrong beside the file that is refused: the original, or one of its translations."""
    record = ports.issues.get(upload.slug) if upload.slug else None
    if record is not None and upload.older_than(record.sequencer):
        return Published(UploadResult.STALE, record)
    key = refusal.key if refusal.key in files else upload.key
    _tell_problems(key, files[key], refusal.problems, ports)
    return Published(UploadResult.REFUSED)


def _tell_problems(key: str, file: SourceFile, problems: Sequence[ProblemLike], ports: PublishPorts) -> None:
    # Beside the file stands which version its problems were mailed about: an event that comes again is no news.
    if ports.content.problems_of(key) != file.version:
        mailed_about = NOT_MAILED
        try:
            ports.editors.tell("editors_problems", key=key, problems=problems)
            mailed_about = file.version
        finally:  # whoever uploaded finds it beside their file, whether or not the email leaves now
            ports.content.put_problems(key, problem_list(key, problems), version=mailed_about)
            ports.content.clear_preflight(key)


def _record(
    before: IssueRecord | None,
    issue: Issue,
    rendered: RenderedIssue,
    preflight: Preflight,
    upload: Upload,
    file: SourceFile,
) -> IssueRecord:
    locked = before is not None and before.status in LOCKED
    status = (
        before.status
        if before and locked
        else (IssueStatus.READY if issue.ready and not preflight.blocks else IssueStatus.DRAFT)
    )
    return IssueRecord(
        slug=issue.slug,
        status=status,
        title=issue.title,
        subject=issue.subject,
        summary=issue.summary,
        date=issue.date,
        content_hash=rendered.content_hash,
        send=issue.send,
        send_at=issue.send_at,
        lang=issue.lang,
        translated_into=rendered.translated_into,
        once_translated_into=tuple(
            sorted({*rendered.translated_into, *(before.once_translated_into if before else ())})
        ),
        topics=issue.topics,
        # Its send is planned by what was approved: a correction is for the page, and cannot reach anybody else.
        audience=before.audience if before and locked else issue.audience,
        digest=before.digest if before and locked else issue.digest,
        sequencer=max(upload.sequencer, before.sequencer if before else ""),
        version=file.version,
        preflight={"errors": len(preflight.errors), "warnings": len(preflight.warnings), **_readers(preflight)},
        announced=before.announced if before else "",
        announced_version=before.announced_version if before else "",
        announced_translations=before.announced_translations if before else None,
        # Whoever approved an issue for the archive, or for its slot, has not approved that it goes out at once.
        approved=before.approved if before and _goes_as_before(before, issue) else "",
        held=before is not None and before.held,
        listed=before is not None and before.listed,
        decisions=before.decisions if before else (),
        uploaded_by=upload.uploaded_by or file.uploaded_by or _uploaded_before(before, file),
        sent_hash=before.sent_hash if before else "",
        sent_at=before.sent_at if before else None,
        shown=before.shown if before else None,
        preview_since=before.preview_since if before else None,
    )


def _goes_as_before(before: IssueRecord, issue: Issue) -> bool:
    return (before.send, before.send_at) == (issue.send, issue.send_at)


def _readers(preflight: Preflight) -> dict[str, int]:
    return {name: count for name, count in preflight.measures.items() if name == AUDIENCE_READERS}


def _uploaded_before(before: IssueRecord | None, file: SourceFile) -> str:
    return before.uploaded_by if before and before.version == file.version else ""


def _cleared(
    before: IssueRecord | None,
    record: IssueRecord,
    rendered: RenderedIssue,
    ports: PublishPorts,
    rhythm: Rhythm,
    now: datetime,
) -> IssueRecord:
    """Return the record with the content that readers may see: this one, or what they saw until it is approved."""
    if not ports.needs_approval or record.approved == record.content_hash:
        corrected_at = correction_moment(before, rendered, content=ports.content, now=now) if before else None
        record = replace(record, cleared=record.content_hash, corrected_at=corrected_at)
    elif before is not None and _was_out(before, rhythm, now) and (seen := before.as_cleared()):
        record = replace(
            record,
            cleared=seen.content_hash,
            cleared_headline=seen.headline,
            corrected_at=before.corrected_at,
        )
    shown = public_version(record, rhythm=rhythm, needs_approval=ports.needs_approval, now=now)
    return replace(record, listed=shown is not None)


def _was_out(record: IssueRecord, rhythm: Rhythm, now: datetime) -> bool:
    """Return whether readers saw this issue, or would have if nobody had held it."""
    return public_version(replace(record, held=False), rhythm=rhythm, needs_approval=True, now=now) is not None
