"""Whatever editors do and however late, often and mixed up S3 tells of it: a model walks through the life of issues."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from newsletter.calendar.jobs.choose_issue import choose_issue
from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.core.team import Approval, Editor, Role
from newsletter.desk.domain.decision import Decision, DecisionOutcome, Verb
from newsletter.desk.jobs.decide import decide
from newsletter.desk.jobs.preview_issue import preview_issue
from newsletter.desk.jobs.remove_issue import remove_issue
from newsletter.desk.ports import DecidePorts, PreviewPorts, RemovalPorts
from newsletter.errors import InvalidIssueError, SendThrottledError
from newsletter.issues.domain.issue import Issue, IssueStatus, Problem, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.domain.upload import Upload, padded
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.jobs.publish import publish
from newsletter.issues.jobs.refresh_archive import refresh_archive
from newsletter.issues.ports import ArchivePorts, PublishPorts
from newsletter.issues.site_ports import ArchiveRenderer
from newsletter.sending.jobs.open_send import Opening, open_send
from tests.calendar.fakes import MemorySlots
from tests.core.fakes import NOW, MemoryMailer, OneByOne, PlainMails
from tests.desk.fakes import PlainLinks
from tests.factories import rendered
from tests.issues.fakes import (
    MemoryCache,
    MemoryContent,
    MemoryFiles,
    MemoryIssues,
    MemorySite,
    PlainArchive,
    PlainManuscript,
    PlainPreflight,
    PlainShelf,
)
from tests.issues.rendering_samples import ARCHIVE
from tests.sending.fakes import MemoryAudienceCount, MemoryQueues, MemorySends, PlainAccount

RHYTHM = Rhythm(anchor=datetime.date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
SLUGS = ("the-first", "the-second")
slugs = st.sampled_from(SLUGS)
BAD, NEVER = "bad", "never"

ANN, BEN = Editor("Ann Lee", "ann@example.org"), Editor("Ben", "ben@example.org")
DAN = Editor("Dan", "dan@example.org", Role.WRITER)
TEAM = (ANN, BEN, DAN)
UPLOADERS = {"ann@example.org": ANN, "Ben": BEN, "dan": DAN, "a-robot": None}
"""What AWS calls whoever uploads, and who of the team that is."""
uploaders = st.sampled_from(["", *UPLOADERS])
pressers = st.sampled_from([*TEAM, None])
"""Whoever decides; None has a link from before links were personal."""


def key_of(slug: str) -> str:
    return f"issues/{slug}.md"


def parse(slug: str, source: bytes) -> Issue:
    """Read "<number> ready", "draft" or "never" (for the archive only); the number is the text."""
    number, status = source.decode().split()
    if status == BAD:
        raise InvalidIssueError(key_of(slug), [Problem(1, "It is bad.", "Mend it.")])
    return Issue(
        slug=slug,
        title=f"Issue {number}",
        subject=f"Issue {number}",
        date=datetime.date(2026, 12, 1),
        summary="In short.",
        body=number,
        source_hash=source.hex().ljust(64, "0"),
        ready=status != "draft",
        send=SendPolicy.NEVER if status == NEVER else SendPolicy.SCHEDULED,
    )


def hash_of(issue: Issue) -> str:
    return issue.body.rjust(64, "0")


def _is_a_list(path: str) -> bool:
    return not path.startswith("issues/")


def _is_picture(path: str) -> bool:
    return path.endswith(".png")


def pictures_of(issue: Issue) -> tuple[str, ...]:
    return ("chart.png",) if int(issue.body) % 2 else ()


class PlainReader:
    """What an issue becomes is named by its text alone, as in life: a draft and a ready issue may read the same."""

    def read(self, slug: str, source: bytes) -> PlainManuscript:
        issue = parse(slug, source)
        became = rendered(slug=issue.slug, title=issue.title, content_hash=hash_of(issue))
        return PlainManuscript(issue, pictures_of(issue), lambda _pictures: became)

    def read_translation(self, original: Issue, code: str, source: bytes) -> PlainManuscript:
        raise AssertionError(f"{original.slug} has no translation {code} here: {source!r}")


class WatchedIssues(MemoryIssues):
    """Remembers what was opened, and as what it stood in that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[IssueRecord] = []

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        before = self.by_slug.get(slug)
        locked = super().begin_sending(slug, content_hash, needs_approval=needs_approval)
        if locked and before is not None:
            self.opened.append(before)
        return locked


@dataclass(frozen=True)
class Event:
    """What S3 will tell of; or, without an order, a look that we asked for ourselves."""

    key: str
    sequencer: str
    removed: bool = False
    patient: bool = True
    by: str = ""
    """Whoever made it, as AWS says; empty where it does not."""


class Newsroom(RuleBasedStateMachine):
    """Two issues, a bucket, a queue that mixes up its messages, and a team that presses buttons of old mails."""

    renderer: ArchiveRenderer = PlainArchive()
    named_by: tuple[str, ...] = ("index.html", "archive/2026/index.html")
    """Files that name an issue which is public."""

    def __init__(self) -> None:
        super().__init__()
        self.content, self.site, self.mailer = MemoryContent(), MemorySite(), MemoryMailer()
        self.issues, self.sends, self.queues = WatchedIssues(), MemorySends(), MemoryQueues()
        self.slots = MemorySlots()
        self.now, self.order, self.text = NOW, 0, 0
        self.events: list[Event] = []
        self.delivered: list[Event] = []
        self.looks = self.later = 0
        self.last_good: dict[str, Issue | None] = {}
        self.approved: set[tuple[str, str]] = set()
        self.approval: dict[str, str] = {}
        """The content of each issue that was approved last, as long as that counts."""
        self.cleared: dict[str, Issue] = {}
        """The version of each issue that readers may see once it is public."""
        self.held: set[str] = set()
        self.uploader: dict[str, str] = {}
        """Whoever uploaded the newest version of each issue, as far as that is known."""
        self.source: dict[str, bytes] = {}
        """That version."""

    @initialize(approval=st.sampled_from(Approval), begins=st.sampled_from(["empty", "ready", NEVER, "sent"]))
    def open_for_business(self, approval: Approval, begins: str) -> None:
        self._furnish(approval)
        if begins == "empty":
            return
        for slug in SLUGS:
            self.text += 2  # even: without a picture
            self.content.objects[key_of(slug)] = f"{self.text} {NEVER if begins == NEVER else 'ready'}".encode()
            self._tell(slug, removed=False)
            self._deliver(self._pending()[0])
            self.somebody_presses(slug, Verb.APPROVE, newest=True, text=0, editor=ANN)
        for slug in SLUGS if begins == "sent" else ():
            self.a_slot_comes()
            self.a_send_ends(slug)
        while self.queues.refreshes:
            self._refresh(self.queues.refreshes.pop(0))

    def _furnish(self, approval: Approval) -> None:
        self.approval_from, self.needs_approval = approval, approval is not Approval.OFF
        needs_approval = self.needs_approval
        self.files = MemoryFiles(self.content, self.site)
        common: dict[str, Any] = {
            "content": self.content,
            "issues": self.issues,
            "editors": Editors(self.mailer, PlainMails(), TEAM),
        }
        self.ports = PublishPorts(
            **common,
            pictures=PlainShelf(self.content, self.site),
            files=self.files,
            examination=ExaminationPorts(PlainReader(), PlainPreflight()),
            publish_queue=self.queues,
            needs_approval=needs_approval,
            send_now_delay=datetime.timedelta(0),
            threads=OneByOne(),
        )
        self.removal = RemovalPorts(self.content, self.issues, self.sends, self.queues)
        self.preview = PreviewPorts(
            **common,
            audience_count=MemoryAudienceCount(0),
            account=PlainAccount(),
            links=PlainLinks(),
            preview_links=PlainLinks(),
            needs_approval=needs_approval,
        )
        self.deciding = DecidePorts(
            **common,
            sends=self.sends,
            queues=self.queues,
            publish_queue=self.queues,
            links=PlainLinks(),
            preview_links=PlainLinks(),
            approval=approval,
        )
        self.archive = ArchivePorts(
            self.content, self.issues, self.site, self.renderer, MemoryCache(), self.files, needs_approval, OneByOne()
        )
        self.opening = Opening(
            issues=self.issues,
            sends=self.sends,
            queues=self.queues,
            publish_queue=self.queues,
            needs_approval=needs_approval,
            shards=16,
        )

    @rule(
        slug=slugs, kind=st.sampled_from(["ready", "ready", "draft", NEVER, BAD]), again=st.booleans(), by=uploaders
    )  # fmt: skip
    def somebody_uploads(self, slug: str, kind: str, again: bool, by: str) -> None:
        self.text += not again
        self.content.objects[key_of(slug)] = f"{self.text} {kind}".encode()
        self._tell(slug, removed=False, by=by)

    @precondition(lambda self: self.issues.opened)
    @rule(data=st.data(), by=uploaders, approved=st.booleans(), editor=pressers)
    def somebody_corrects_what_went_out(
        self, data: st.DataObject, by: str, approved: bool, editor: Editor | None
    ) -> None:
        slug = data.draw(st.sampled_from(sorted(self._opened)))
        self.text += 2 - self.text % 2  # even: without a picture
        self.content.objects[key_of(slug)] = f"{self.text} ready".encode()
        self._tell(slug, removed=False, by=by)
        self._deliver(self._pending()[-1])
        if approved:
            self.somebody_presses(slug, Verb.APPROVE, newest=True, text=0, editor=editor)
        self._refresh(slug)

    @rule(slug=slugs, there=st.booleans(), by=uploaders)
    def somebody_uploads_or_removes_its_picture(self, slug: str, there: bool, by: str) -> None:
        key = f"issues/{slug}/chart.png"
        if there:
            self.content.objects[key] = b"\x89PNG"
        else:
            self.content.objects.pop(key, None)
        self.order += 1
        self.events.append(Event(key, padded(f"{self.order:04X}"), removed=not there, by=by))

    @rule(slug=slugs)
    def somebody_removes(self, slug: str) -> None:
        if self.content.objects.pop(key_of(slug), None) is not None:
            self._tell(slug, removed=True)

    @rule(data=st.data())
    def an_event_arrives(self, data: st.DataObject) -> None:
        if self._pending():
            self._deliver(data.draw(st.sampled_from(self._pending())))

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def an_old_event_arrives_again(self, data: st.DataObject) -> None:
        self._deliver(data.draw(st.sampled_from(self.delivered)))

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def the_mail_fails_and_the_event_comes_back(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.events))
        self.mailer.failure = SendThrottledError("slow down")
        try:
            self._handle(event)
        except SendThrottledError:
            pass
        else:
            self._done(event)
        finally:
            self.mailer.failure = None

    @rule(slug=slugs, verb=st.sampled_from(Verb), newest=st.booleans(), text=st.integers(0, 9), editor=pressers)
    def somebody_presses(self, slug: str, verb: Verb, newest: bool, text: int, editor: Editor | None) -> None:
        stands = self.issues.get(slug)
        content_hash = stands.content_hash if stands and newest else str(text).rjust(64, "0")
        stood = key_of(slug) in self.content.objects
        decision = Decision(slug, content_hash, verb, editor)
        decided = decide(decision, by_link=True, ports=self.deciding, rhythm=RHYTHM, now=self.now)
        assert (decided.outcome is DecisionOutcome.NOT_YOURS) == (editor is DAN and verb is not Verb.HOLD)
        if decided.outcome is DecisionOutcome.ANOTHER:
            assert not self._counts(slug, editor)
        if decided.outcome is DecisionOutcome.APPROVED:
            assert self._counts(slug, editor)
            assert stands is not None
            assert stands.content_hash == content_hash
            self.approved.add((slug, content_hash))
            self.approval[slug] = content_hash
            seen = self.last_good[slug]
            assert seen is not None
            self.cleared[slug] = seen
        if decided.outcome in (DecisionOutcome.HELD, DecisionOutcome.PAUSED):
            self.held.add(slug)
        if decided.outcome is DecisionOutcome.RELEASED:
            self.held.remove(slug)
        if stood and key_of(slug) not in self.content.objects:
            self._tell(slug, removed=True)

    @rule()
    def a_slot_comes(self) -> None:
        self.now = RHYTHM.next_slots(1, self.now)[0].astimezone(datetime.UTC)
        choice = choose_issue(
            self.now,
            rhythm=RHYTHM,
            late_after=datetime.timedelta(hours=6),
            issues=self.issues,
            slots=self.slots,
            needs_approval=self.needs_approval,
            now=self.now,
        )
        before = len(self.issues.opened)
        if choice.record is not None:
            open_send(choice.record, opening=self.opening, now=self.now)
        assert not {record.slug for record in self.issues.opened[before:]} & self.held

    @rule(slug=slugs)
    def a_send_ends(self, slug: str) -> None:
        record = self.issues.get(slug)
        if record is not None and record.status is IssueStatus.SENDING:
            self.issues.set_status(slug, IssueStatus.SENT, sent_at=self.now)

    @precondition(lambda self: self.queues.refreshes)
    @rule(data=st.data(), again=st.booleans())
    def the_site_is_made_to_agree(self, data: st.DataObject, again: bool) -> None:
        slug = data.draw(st.sampled_from(self.queues.refreshes))
        if not again:
            self.queues.refreshes.remove(slug)
        self._refresh(slug)

    @rule()
    def everything_arrives(self) -> None:
        while self._pending():
            self._deliver(self._pending()[0])
        while self.queues.refreshes:
            self._refresh(self.queues.refreshes.pop(0))
        for slug in SLUGS:
            self._agrees(slug)

    def teardown(self) -> None:
        if hasattr(self, "ports"):
            self.everything_arrives()

    @invariant()
    def nothing_is_opened_twice_or_unapproved(self) -> None:
        assert len({record.slug for record in self.issues.opened}) == len(self.issues.opened)
        for record in self.issues.opened:
            assert not record.withdrawn
            if self.needs_approval:
                assert (record.slug, record.content_hash) in self.approved

    @invariant()
    def planners_are_woken_behind_the_page_of_an_opening_and_by_nothing_else(self) -> None:
        opened = {record.slug for record in self.issues.opened}
        assert set(self.queues.openings) <= opened
        assert self.queues.plans == []

    @invariant()
    def a_send_is_locked_to_what_was_opened(self) -> None:
        for record in self.issues.opened:
            stands = self.issues.by_slug[record.slug]
            assert stands.sent_hash == record.content_hash
            send = self.sends.get(record.slug)
            assert send is None or send.content_hash == record.content_hash

    def _counts(self, slug: str, editor: Editor | None) -> bool:
        """Return whether an approval of this approver counts: by the words of the rule, and not by its code."""
        uploader = self.uploader.get(slug, "")
        if self.approval_from is not Approval.ANOTHER or not uploader:
            return True
        return editor is not None and UPLOADERS[uploader] is not editor

    def _tell(self, slug: str, *, removed: bool, by: str = "") -> None:
        self.order += 1
        self.events.append(Event(key_of(slug), padded(f"{self.order:04X}"), removed, by=by))

    def _pending(self) -> list[Event]:
        """Return what is on its way, our own wishes to look again included."""
        waiting = self.queues.later[self.later :]
        for slug, delay in self.queues.looks[self.looks :]:
            # A look that waits for a picture still knows who uploaded.
            waits = bool(waiting) and (waiting[0][0].slug, waiting[0][1]) == (slug, delay)
            by = waiting.pop(0)[0].uploaded_by if waits else ""
            self.events.append(Event(key_of(slug), "", patient=False, by=by))
        self.looks, self.later = len(self.queues.looks), len(self.queues.later)
        return self.events

    def _deliver(self, event: Event) -> None:
        self._handle(event)
        self._done(event)

    def _done(self, event: Event) -> None:
        if event in self.events:
            self.events.remove(event)
        self.delivered.append(event)

    def _handle(self, event: Event) -> None:
        """Do what the handler does."""
        upload = Upload(
            event.key,
            sequencer=event.sequencer,
            removed=event.removed,
            patient=event.patient,
            uploaded_by=event.by,
        )
        if upload.is_beside_an_issue:
            upload = upload.of_issue
        self._note(upload)
        published = publish(upload, ports=self.ports, rhythm=RHYTHM, now=self.now)
        if published.result == "gone":
            remove_issue(upload, ports=self.removal, today=RHYTHM.local_date(self.now), now=self.now)
            return
        preview_issue(published, ports=self.preview, rhythm=RHYTHM, now=self.now)

    def _note(self, upload: Upload) -> None:
        """Remember the last good version that anybody looked at: what readers should see."""
        slug = upload.slug or ""
        known = self.issues.get(slug)
        if known is not None and upload.older_than(known.sequencer):
            return
        source = self.content.read(upload.key)
        try:
            issue = parse(slug, source) if source is not None else None
        except InvalidIssueError:
            return
        named = pictures_of(issue) if issue else ()
        complete = all(self.content.stands(f"issues/{slug}/{name}") for name in named)
        if issue is not None and not issue.ready and known is not None and known.status in LOCKED:
            return  # the draft of a correction
        if complete or issue is None or not (upload.patient or issue.ready):
            self._taken(slug, issue, known)
        elif not upload.patient and (known is None or known.status is IssueStatus.DRAFT):
            self._taken(slug, replace(issue, ready=False), known)  # held up by what is missing
        else:
            return
        if source is not None:
            same = self.source.get(slug) == source
            self.uploader[slug] = upload.uploaded_by or (self.uploader.get(slug, "") if same else "")
            self.source[slug] = source

    def _taken(self, slug: str, issue: Issue | None, known: IssueRecord | None) -> None:
        """Remember what the newest version means for readers: by the words of the rule, and not by its code."""
        before, self.last_good[slug] = self.last_good.get(slug), issue
        if issue is None:
            self.approval.pop(slug, None)
            self.cleared.pop(slug, None)
            return
        if known is not None and known.send is not issue.send:
            self.approval.pop(slug, None)
        if not self.needs_approval or self.approval.get(slug) == hash_of(issue):
            self.cleared[slug] = issue
        elif slug not in self._opened and not (before and before.ready and before.send is SendPolicy.NEVER):
            self.cleared.pop(slug, None)  # readers never saw it

    @property
    def _opened(self) -> set[str]:
        return {record.slug for record in self.issues.opened}

    def _public(self, slug: str) -> Issue | None:
        """Return the version that rule says readers see, or None."""
        newest, cleared = self.last_good.get(slug), self.cleared.get(slug)
        if newest is None or cleared is None or slug in self.held:
            return None
        for_the_archive = newest.ready and newest.send is SendPolicy.NEVER
        return cleared if slug in self._opened or for_the_archive else None

    def _refresh(self, slug: str) -> None:
        """Make the site agree about one issue; another may be on the front page too long only while its turn comes."""
        refresh_archive(slug, ports=self.archive, rhythm=RHYTHM, now=self.now)
        self._visited(slug)
        for other in SLUGS:
            if self._public(other) is None and other not in self.queues.refreshes:
                assert other not in self.site.files["index.html"].body.decode()

    def _lists(self) -> str:
        """Return all that a visitor can read but the pages of single issues: lists, feeds, search and maps."""
        files = [file for path, file in self.site.files.items() if _is_a_list(path)]
        return "\n".join(file.body.decode() for file in files)

    def _visited(self, slug: str) -> None:
        """See what an anonymous visitor sees of this issue."""
        public, page = self._public(slug), self.site.files.get(f"issues/{slug}/index.html")
        assert (page is not None) == (public is not None)
        lists = {path for path, file in self.site.files.items() if _is_a_list(path) and slug in file.body.decode()}
        if public is None or page is None:
            assert lists == set()
            assert not {
                path for path in self.site.files if path.startswith(f"issues/{slug}/") and not _is_picture(path)
            }
            return
        assert set(self.named_by) <= lists
        titles = set(re.findall(r"Issue \d+", page.body.decode() + self._lists()))
        assert public.title in titles
        allowed = {each.title for each in map(self._public, SLUGS) if each}
        if not self.queues.refreshes:
            assert titles <= allowed

    def _agrees(self, slug: str) -> None:
        """Hold table and site to the rule; all events have arrived."""
        good, record = self.last_good.get(slug), self.issues.get(slug)
        self._visited(slug)
        if good is None or record is None:
            assert record is None or record.withdrawn
            return
        assert not record.withdrawn
        assert record.content_hash == hash_of(good)
        assert record.listed == (self._public(slug) is not None)
        cleared = self.cleared.get(slug)
        assert record.cleared == (hash_of(cleared) if cleared else "")
        differs = slug in self._opened and cleared is not None and hash_of(cleared) != record.sent_hash
        assert (record.corrected_at is not None) == differs


class NewsroomWithItsSite(Newsroom):
    """The same, on the site that readers get."""

    renderer = ARCHIVE
    named_by = (
        "index.html", "archive/2026/index.html", "feed.atom", "feed.rss", "feed.json", "sitemap.xml",
        "sitemap-2026.xml", "search/2026.json",
    )  # fmt: skip


TestLifeOfAnIssue = Newsroom.TestCase
TestLifeOfAnIssue.settings = settings(max_examples=300, stateful_step_count=40)
TestWhatVisitorsSee = NewsroomWithItsSite.TestCase
TestWhatVisitorsSee.settings = settings(max_examples=100, stateful_step_count=40)
