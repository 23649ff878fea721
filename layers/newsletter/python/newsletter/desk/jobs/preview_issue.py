"""The editors see an issue as their readers will get it, with all they need to decide about it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from newsletter.core.audience.part_of_list import part_of_list
from newsletter.core.content import MailContent
from newsletter.core.figures import in_dollars, spelled
from newsletter.core.slot import Rhythm
from newsletter.core.team import Editor
from newsletter.desk.domain.decision import Decision, Verb, approval_voided
from newsletter.desk.domain.preview_address import moment_of_address
from newsletter.desk.domain.preview_banner import inbox_row, under_banner
from newsletter.desk.domain.stage import possible_verbs, stage_of
from newsletter.desk.ports import PreviewPorts
from newsletter.issues.domain.difference import ChangedFile, Difference, difference
from newsletter.issues.domain.issue import Issue, IssueStatus, RenderedIssue, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.domain.preflight import AUDIENCE_READERS
from newsletter.issues.domain.publication import Published, UploadResult, announcement
from newsletter.issues.domain.send_time import send_time_sentence
from newsletter.issues.writing.file_notes import described
from newsletter.sending.domain.forecast import forecast


def preview_issue(published: Published, *, ports: PreviewPorts, rhythm: Rhythm, now: datetime) -> bool:
    """Mail the editors what was published, once for each file and what became of it; return whether a mail left."""
    record, issue, rendered = published.record, published.issue, published.rendered
    if record is None or issue is None or rendered is None:
        return False
    announced = announcement(issue, rendered)
    if record.announced == announced:
        return False  # the same event again, or the same file uploaded again
    may_go_out = record.status not in LOCKED and issue.send is not SendPolicy.NEVER
    sends = may_go_out and published.result is not UploadResult.BLOCKED
    counted = ports.audience_count.last()  # none on the first minutes of a stack
    # Of a part, the checks have just counted it.
    everybody = counted[0] if counted and not issue.audience and not issue.digest else None
    readers = published.preflight.measures.get(AUDIENCE_READERS, everybody)
    mailing = forecast(readers, ports.account.allowance()) if sends and readers is not None else None
    send_time = send_time_sentence(record, published.ready, rhythm, needs_approval=ports.needs_approval, now=now)
    since = moment_of_address(record, now=now)
    if since != record.preview_since:
        ports.issues.set_preview_since(record.slug, since)
    page_url = ports.preview_links.to_page(record.slug, since=since)
    voided = approval_voided(record, rendered, needs_approval=ports.needs_approval)
    shown = partial(
        ports.editors.mails.mail,
        "editors_preview",
        issue=issue,
        rendered=rendered,
        page_url=page_url,
        send_time=_sentence(published, send_time),
        draft=record.status is IssueStatus.DRAFT,
        blocked=published.result is UploadResult.BLOCKED,
        preflight=published.preflight,
        files=[described(each) for each in rendered.files],
        forecast=mailing,
        part=_part(issue, offers_digest=ports.offers_digest()) if may_go_out else "",
        duration=spelled(mailing.duration) if mailing else "",
        fees=(in_dollars(mailing.ses_fee), in_dollars(mailing.own_fee)) if mailing else (),
        changes=_changes(record, published, ports),
        voided=voided.label or "an editor" if voided else "",
        inbox=inbox_row(rendered, page_url),
    )

    def written_for(editor: Editor) -> MailContent:
        links = _links(record, rendered, editor, ports, now)
        test_url = ports.links.to_test(Decision(record.slug, rendered.content_hash, Verb.HOLD, editor), now=now)
        mail = shown(links=links, test_url=test_url, writer=not editor.approves)
        return under_banner(mail, rendered, page_url)

    ports.editors.send_each(written_for)
    ports.issues.set_announced(record.slug, announced, version=published.version, translations=published.translations)
    return True


def _sentence(published: Published, otherwise: str) -> str:
    """Return when the issue goes out, or why not."""
    if published.result is UploadResult.BLOCKED and published.issue is not None and not published.issue.ready:
        return "This draft changes nothing: the issue has gone out. Say “status: ready” to correct page and feeds."
    if published.result is UploadResult.BLOCKED:
        return "This version is not taken: see what must be mended. The last good version stays as it is."
    if published.preflight.blocks and published.issue is not None and published.issue.ready:
        return "It does not go out yet: see what must be mended. Until then it counts as a draft."
    return otherwise


def _links(
    record: IssueRecord, rendered: RenderedIssue, editor: Editor, ports: PreviewPorts, now: datetime
) -> dict[str, str]:
    """Return the address of each decision that this editor can make as the issue stands, and nothing for the others."""
    stage = stage_of(record, needs_approval=ports.needs_approval)
    verbs = possible_verbs(record, stage, needs_approval=ports.needs_approval, editor=editor)
    if rendered.content_hash != record.content_hash:
        verbs = tuple(verb for verb in verbs if verb is not Verb.APPROVE)
    decisions = {verb: Decision(record.slug, rendered.content_hash, verb, editor) for verb in Verb}
    return {str(verb): ports.links.to_decide(decisions[verb], now=now) if verb in verbs else "" for verb in Verb}


def _changes(record: IssueRecord, published: Published, ports: PreviewPorts) -> list[ChangedFile] | None:
    """Return what changed since the version the editors were last told about, file by file; None if there was none."""
    original = f"{record.slug}.md"
    if not record.announced_version:
        return None
    changed = _difference(original, record.announced_version, published.version, ports)
    if changed is None:
        return None
    files = [ChangedFile(original, changed)]
    # Of editors who were told before translations were noted nobody knows which of them they saw.
    before = published.translations if record.announced_translations is None else record.announced_translations
    for code in sorted({*before, *published.translations}):
        name, old, new = f"{record.slug}.{code}.md", before.get(code), published.translations.get(code)
        if old is None or new is None:
            files.append(ChangedFile(name, Difference(()), came=old is None, went=new is None))
        elif (changed := _difference(name, old, new, ports)) is not None:
            files.append(ChangedFile(name, changed))
    return [each for each in files if each.came or each.went or each.difference.lines or each.difference.more]


def _difference(name: str, before: str, after: str, ports: PreviewPorts) -> Difference | None:
    """Return what changed between two versions of a file; None if one of them is gone for good."""
    if before == after:
        return Difference(())
    key = f"issues/{name}"
    old, new = ports.content.version(key, before), ports.content.version(key, after)
    return difference(old, new) if old is not None and new is not None else None


def _part(issue: Issue, *, offers_digest: bool) -> str:
    """Return the part of the list that an issue goes to, in words; empty for everybody."""
    goes_to = part_of_list(issue.audience, issue.digest, offers_digest=offers_digest, day=issue.date)
    return goes_to.in_words if goes_to.expression else ""
