"""Uploads: a good file goes everywhere it belongs, a bad one changes nothing, late news is ignored."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.core.team import Editor, Role
from newsletter.core.time_zones import WallTime
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.desk.jobs.preview_issue import preview_issue
from newsletter.desk.jobs.remove_issue import remove_issue
from newsletter.desk.ports import PreviewPorts, RemovalPorts
from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Issue, IssueStatus, Problem, RenderedIssue, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Finding, Level
from newsletter.issues.domain.publication import Published
from newsletter.issues.domain.upload import Upload, padded
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.jobs.publish import publish
from newsletter.issues.jobs.refresh_archive import refresh_archive
from newsletter.issues.ports import ArchivePorts, PublishPorts
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import NOW, TEAM, MemoryMailer, OneByOne, PlainMails
from tests.desk.fakes import PlainLinks
from tests.factories import SLUG, record, rendered
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
from tests.sending.fakes import MemoryAudienceCount, MemoryQueues, MemorySends, PlainAccount

RHYTHM = Rhythm(anchor=datetime.date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
KEY = f"issues/{SLUG}.md"
PAGE = f"issues/{SLUG}/index.html"

FAULT = Finding(Level.ERROR, "size", "It is too large.", "Shorten it.")
ODDITY = Finding(Level.WARNING, "subject", "The subject shouts.", "Say it in lower case.")


def issue(**changes: Any) -> Issue:
    default: dict[str, Any] = {
        "slug": SLUG,
        "title": "More for more",
        "subject": "More for more",
        "date": datetime.date(2026, 12, 1),
        "summary": "In short.",
        "body": "Hello",
        "source_hash": "a" * 64,
    }
    return Issue(**default | changes)


class PlainReader:
    """Shows a picture for each line that begins with "!"."""

    def __init__(self, parse: Callable[[str, bytes], Issue]) -> None:
        self._parse = parse

    def read(self, slug: str, source: bytes) -> PlainManuscript:
        issue = self._parse(slug, source)
        names = tuple(line[1:] for line in issue.body.splitlines() if line.startswith("!"))
        return PlainManuscript(issue, names, lambda pictures: self.render(issue, names, pictures))

    def read_translation(self, original: Issue, code: str, source: bytes) -> PlainManuscript:
        raise AssertionError(f"{original.slug} has no translation {code} here: {source!r}")

    def render(self, issue: Issue, names: tuple[str, ...], pictures: Mapping[str, Picture]) -> RenderedIssue:
        shown = tuple(pictures[name] for name in names if name in pictures)
        return rendered(pictures=shown, slug=issue.slug, content_hash=issue.source_hash, title=issue.title)


@dataclass
class Desk:
    """An editors' desk: what the next upload says is `issue`."""

    issue: Issue | InvalidIssueError = field(default_factory=issue)
    records: tuple[IssueRecord, ...] = ()
    needs_approval: bool = False
    send_now_delay: datetime.timedelta = datetime.timedelta(0)

    def __post_init__(self) -> None:
        self.content, self.site, self.mailer = MemoryContent(), MemorySite(), MemoryMailer()
        self.issues, self.sends, self.queues = MemoryIssues(*self.records), MemorySends(), MemoryQueues()
        self.content.objects[KEY] = b"the file"
        self.refreshed = 0
        self.removal = RemovalPorts(self.content, self.issues, self.sends, self.queues)
        self.shelf = PlainShelf(self.content, self.site)
        self.files = MemoryFiles(self.content, self.site)
        self.ports = PublishPorts(
            content=self.content,
            issues=self.issues,
            pictures=self.shelf,
            files=self.files,
            examination=ExaminationPorts(PlainReader(self.parse), PlainPreflight(Faulty=(FAULT,), Odd=(ODDITY,))),
            editors=Editors(self.mailer, PlainMails(), TEAM),
            publish_queue=self.queues,
            needs_approval=self.needs_approval,
            send_now_delay=self.send_now_delay,
            threads=OneByOne(),
        )
        self.preview = PreviewPorts(
            issues=self.issues,
            content=self.content,
            audience_count=MemoryAudienceCount(28),
            account=PlainAccount(),
            links=PlainLinks(),
            editors=Editors(self.mailer, PlainMails(), TEAM),
            preview_links=PlainLinks(),
            needs_approval=self.needs_approval,
        )

    @property
    def archive_ports(self) -> ArchivePorts:
        return ArchivePorts(
            self.content,
            self.issues,
            self.site,
            PlainArchive(),
            MemoryCache(),
            self.files,
            self.needs_approval,
            OneByOne(),
        )

    def parse(self, slug: str, source: bytes) -> Issue:
        assert slug == SLUG
        if isinstance(self.issue, InvalidIssueError):
            raise self.issue
        return self.issue

    def upload(
        self, key: str = KEY, sequencer: str = "10", now: datetime.datetime = NOW, *, patient: bool = True
    ) -> Published:
        upload = Upload(key, sequencer=padded(sequencer), patient=patient)
        published = publish(upload, ports=self.ports, rhythm=RHYTHM, now=now)
        preview_issue(published, ports=self.preview, rhythm=RHYTHM, now=now)
        self.refresh(now)
        return published

    def remove(self, sequencer: str, *, still_there: bool = False) -> str:
        if not still_there:
            self.content.objects.pop(KEY, None)
        removal = Upload(KEY, sequencer=padded(sequencer), removed=True)
        withdrawn = remove_issue(removal, ports=self.removal, today=NOW.date(), now=NOW)
        self.refresh(NOW)
        return withdrawn

    def refresh(self, now: datetime.datetime) -> None:
        """Do what was asked of the queue since the last time."""
        for slug in self.queues.refreshes[self.refreshed :]:
            refresh_archive(slug, ports=self.archive_ports, rhythm=RHYTHM, now=now)
        self.refreshed = len(self.queues.refreshes)

    @property
    def record(self) -> IssueRecord:
        return self.issues.by_slug[SLUG]

    @property
    def mails(self) -> list[str]:
        return [sent.mail.subject for sent in self.mailer.outbox]


BAD = InvalidIssueError(KEY, [Problem(3, "There is no title.", 'Add "title:".')])


def test_a_good_file_becomes_a_record_and_a_preview_for_the_editors_and_no_page_before_its_send() -> None:
    desk = Desk()

    published = desk.upload()

    assert published.result == "published"
    assert not published.send_now
    assert desk.record.status is IssueStatus.READY
    assert PAGE not in desk.site.files
    assert desk.content.rendered(SLUG, "a" * 64).title == "More for more"
    assert desk.mails == ["editors_preview"]
    assert "Tuesday 15 December 2026 at 09:00 (Europe/London)" in desk.mailer.outbox[0].mail.text
    assert desk.queues.refreshes == [SLUG]


def test_a_file_ordered_before_one_we_have_seen_changes_nothing() -> None:
    desk = Desk(records=(record(sequencer=padded("20"), title="Newer"),))

    assert desk.upload(sequencer="1F").result == "stale"
    assert desk.record.title == "Newer"
    assert desk.site.files == {}
    assert desk.mails == []


def test_sequencers_of_different_lengths_are_padded_on_the_right_as_aws_says() -> None:
    desk = Desk(records=(record(sequencer=padded("0055AED6DCD90281E5")),))

    assert desk.upload(sequencer="0055AED6DCD9").result == "stale"
    assert desk.upload(sequencer="0055AED6DCDA").result == "published"


def test_the_same_event_twice_tells_the_editors_once() -> None:
    desk = Desk()

    desk.upload()
    assert desk.upload().result == "published"
    assert desk.mails == ["editors_preview"]


def test_a_bad_file_is_refused_with_reasons_and_the_last_good_version_stays() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER))  # public at once
    desk.upload()
    good = desk.record
    desk.issue = BAD

    assert desk.upload(sequencer="11").result == "refused"

    assert "1. Line 3: There is no title." in desk.content.problems[KEY]
    assert desk.mails == ["editors_preview", "editors_problems"]
    assert desk.record == good
    assert PAGE in desk.site.files


def test_a_mended_file_clears_the_list_of_problems() -> None:
    desk = Desk(issue=BAD)
    desk.upload()
    desk.issue = issue()

    desk.upload(sequencer="11")

    assert desk.content.problems == {}


@pytest.mark.parametrize(
    "key", ["issues/report.docx", "issues/notes.txt", "issues/No Good Name.md", "issues/émile.md", "issues/2026/12.md"]
)
def test_a_file_that_cannot_be_an_issue_is_refused_with_a_remedy(key: str) -> None:
    desk = Desk()
    desk.content.objects[key] = b"anything"

    assert desk.upload(key=key).result == "refused"
    assert key in desk.content.problems
    assert desk.issues.by_slug == {}


def test_an_issue_in_a_folder_is_no_picture_of_another_issue() -> None:
    assert not Upload("issues/2026/12.md").is_beside_an_issue
    assert Upload("issues/2026-12/chart.png").is_beside_an_issue


def test_a_draft_is_previewed_and_nothing_else() -> None:
    desk = Desk(issue=issue(ready=False))

    desk.upload()

    assert desk.record.status is IssueStatus.DRAFT
    assert PAGE not in desk.site.files
    assert "a draft" in desk.mailer.outbox[0].mail.text


def test_a_ready_issue_turned_back_to_a_draft_leaves_the_archive() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER))  # public at once
    desk.upload()
    desk.issue = issue(ready=False, source_hash="b" * 64)

    desk.upload(sequencer="11")

    assert PAGE not in desk.site.files
    assert not desk.record.listed


def test_an_issue_for_the_archive_is_public_from_its_date_and_the_hour_of_issues_on() -> None:
    early = Desk(issue=issue(send=SendPolicy.NEVER))
    early.upload(now=NOW - datetime.timedelta(days=1))
    refresh_archive("", ports=early.archive_ports, rhythm=RHYTHM, now=NOW - datetime.timedelta(minutes=1))
    assert not early.record.listed
    assert PAGE not in early.site.files

    refresh_archive("", ports=early.archive_ports, rhythm=RHYTHM, now=NOW)

    assert early.record.listed
    assert PAGE in early.site.files
    assert early.site.files["index.html"].body == f"{SLUG} of 2026".encode()


def test_an_issue_whose_opening_was_cut_off_asks_to_go_at_once_again() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NOW), records=(record(status=IssueStatus.SENDING),))

    assert desk.upload().send_now


def test_an_issue_may_ask_to_go_at_once_from_its_date_on() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NOW))

    assert not desk.upload(now=NOW - datetime.timedelta(days=1)).send_now
    assert desk.upload(sequencer="11").send_now


@pytest.mark.parametrize("status", [IssueStatus.SENT, IssueStatus.PAUSED, IssueStatus.CANCELLED])
def test_after_the_send_was_opened_an_upload_corrects_the_page_and_sends_nothing(status: IssueStatus) -> None:
    desk = Desk(issue=issue(source_hash="b" * 64, send=SendPolicy.NOW), records=(record(status=status),))

    published = desk.upload()

    assert not published.send_now
    assert desk.record.status is status
    assert desk.record.content_hash == "b" * 64
    assert PAGE in desk.site.files
    assert "corrects the page" in desk.mailer.outbox[0].mail.text


def test_a_correction_waits_for_its_approval_and_readers_see_what_was_approved_before() -> None:
    first = record(status=IssueStatus.SENT, sent_hash="a" * 64, approved="a" * 64, listed=True)
    desk = Desk(issue=issue(source_hash="b" * 64, title="Mended"), records=(first,), needs_approval=True)
    desk.content.put_rendered(rendered())

    desk.upload(sequencer="60")

    assert (desk.record.content_hash, desk.record.cleared) == ("b" * 64, "a" * 64)
    assert desk.record.listed
    assert desk.site.files[PAGE].body.startswith(b"More for more")
    assert desk.site.files["index.html"].body == f"{SLUG} of 2026".encode()
    assert desk.site.files["feed.json"].body == b"a" * 64
    assert "once somebody approves it" in desk.mailer.outbox[0].mail.text

    desk.issues.approve(SLUG, "b" * 64, noted="approve", corrected_at=NOW)
    refresh_archive(SLUG, ports=desk.archive_ports, rhythm=RHYTHM, now=NOW)

    assert desk.site.files[PAGE].body.startswith(b"Mended corrected:2026-12-01")
    desk.upload(sequencer="61")
    assert desk.record.corrected_at == NOW


@pytest.mark.parametrize("status", [IssueStatus.SENDING, IssueStatus.SENT])
def test_the_draft_of_a_correction_is_previewed_and_nobody_else_sees_it(status: IssueStatus) -> None:
    desk = Desk(issue=issue(source_hash="b" * 64, ready=False), records=(record(status=status),))

    assert desk.upload().result == "blocked"
    assert desk.record.content_hash == "a" * 64
    assert desk.record.corrected_at is None
    assert desk.site.files == {}
    assert "This draft changes nothing" in desk.mailer.outbox[0].mail.text
    desk.issue = issue(source_hash="b" * 64)

    desk.upload(sequencer="11")

    assert desk.record.content_hash == "b" * 64


def test_a_removed_file_withdraws_the_issue() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER))  # public at once
    desk.upload()

    assert desk.remove("11") == "withdrawn"

    assert desk.record.withdrawn
    assert not desk.record.due(datetime.date(2026, 12, 1), needs_approval=False)
    assert PAGE not in desk.site.files


def test_a_removal_ordered_before_the_newest_upload_changes_nothing() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER))  # public at once
    desk.upload(sequencer="20")

    assert desk.remove("1") == "stale"
    assert PAGE in desk.site.files


def test_removing_an_old_version_of_a_file_changes_nothing() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER))  # public at once
    desk.upload()

    assert desk.remove("11", still_there=True) == "stale"
    assert PAGE in desk.site.files


def test_a_removal_heard_of_before_its_upload_is_not_forgotten() -> None:
    desk = Desk()

    assert desk.remove("20") == "withdrawn"
    desk.content.objects[KEY] = b"the file"  # what a late reader of an old version would still find

    assert desk.upload(sequencer="10").result == "stale"
    assert PAGE not in desk.site.files
    assert not desk.record.due(datetime.date(2026, 12, 1), needs_approval=False)


def test_a_file_uploaded_again_after_its_removal_is_back() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER))  # public at once
    desk.upload()
    desk.remove("20")
    desk.content.objects[KEY] = b"the file"

    assert desk.upload(sequencer="21").result == "published"
    assert not desk.record.withdrawn
    assert PAGE in desk.site.files
    assert desk.mails == ["editors_preview", "editors_preview"]


def test_removing_the_file_in_the_middle_of_its_send_holds_the_send() -> None:
    desk = Desk(records=(record(status=IssueStatus.SENDING, listed=True),))
    desk.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))

    assert desk.remove("60") == "paused"

    held = desk.sends.get(SLUG)
    assert held is not None
    assert held.state is SendState.PAUSED
    assert desk.record.status is IssueStatus.PAUSED


@pytest.mark.parametrize(("send", "told"), [(SendPolicy.SCHEDULED, True), (SendPolicy.NEVER, False)])
def test_the_preview_forecasts_a_send_only_if_there_will_be_one(send: SendPolicy, told: bool) -> None:
    desk = Desk(issue=issue(send=send))
    desk.upload()

    assert ("forecast: None" not in desk.mailer.outbox[0].mail.text) == told


def test_removing_a_file_we_never_published_is_no_error() -> None:
    desk = Desk()
    desk.content.objects.clear()

    removal = Upload("issues/No Good Name.md", removed=True)
    assert remove_issue(removal, ports=desk.removal, today=datetime.date(2026, 12, 1), now=NOW) == "unknown"


def test_a_file_that_is_gone_when_we_look_is_left_to_the_event_of_its_removal() -> None:
    desk = Desk()
    desk.content.objects.clear()

    assert desk.upload().result == "gone"


def test_the_pictures_of_an_issue_are_on_the_site_for_ever_and_what_is_no_picture_is_not() -> None:
    desk = Desk(issue=issue(body="!chart.png\n!missing.png\n!notes.png"))
    desk.content.objects[f"issues/{SLUG}/chart.png"] = b"\x89PNG chart"
    desk.content.objects[f"issues/{SLUG}/notes.png"] = b"words"

    desk.upload(patient=False)

    (chart,) = desk.content.rendered(SLUG, "a" * 64).pictures
    assert chart.name == "chart.png"
    assert desk.site.files[chart.path].body == b"\x89PNG chart"
    assert "immutable" in desk.site.files[chart.path].cache_control
    assert [path for path in desk.site.files if path.endswith(".png")] == [chart.path]

    desk.remove("11")

    assert chart.path in desk.site.files  # mails that went out show it


def test_the_preview_says_to_how_many_it_goes_how_long_that_takes_and_what_changed() -> None:
    desk = Desk()
    desk.upload()
    desk.content.objects[KEY] = b"another file"
    desk.issue = issue(source_hash="b" * 64)

    desk.upload(sequencer="11")

    first, second = (sent.mail.text for sent in desk.mailer.outbox)
    assert "recipients=28" in first
    assert "changes: None" in first
    assert "text='another file'" in second
    assert "text='the file'" in second


@pytest.mark.parametrize(
    ("changes", "needs_approval", "offered"),
    [
        ({}, False, {"hold", "withdraw"}),
        ({}, True, {"approve", "hold", "withdraw"}),
        ({"held": True}, True, {"approve", "release", "withdraw"}),
        ({"status": IssueStatus.SENDING}, True, {"hold", "withdraw"}),
        ({"status": IssueStatus.SENT}, True, {"hold", "withdraw"}),
        ({"status": IssueStatus.SENT, "cleared": ""}, True, {"approve", "hold", "withdraw"}),
    ],
)
def test_the_preview_offers_what_can_be_decided(
    changes: dict[str, Any], needs_approval: bool, offered: set[str]
) -> None:  # noqa: FBT001
    desk = Desk(records=(record(**changes),), needs_approval=needs_approval)

    desk.upload(sequencer="60")

    text = desk.mailer.outbox[0].mail.text
    assert {verb for verb in ("approve", "hold", "release", "withdraw") if f"/decide/{verb}/" in text} == offered


def test_a_new_upload_needs_a_new_approval() -> None:
    desk = Desk(needs_approval=True)
    desk.upload()
    desk.issues.approve(SLUG, desk.record.content_hash, noted=f"{NOW.isoformat()} approve {desk.record.content_hash}")
    assert desk.record.due(NOW.date(), needs_approval=True)
    desk.issue = issue(title="Even more", source_hash="b" * 64)

    desk.upload(sequencer="11")

    assert not desk.record.due(NOW.date(), needs_approval=True)
    assert desk.record.decisions == (f"2026-12-01T09:00:00+00:00 approve {'a' * 64}",)
    assert "voided: an editor" in desk.mailer.outbox[-1].mail.text


def test_an_edit_that_voids_an_approval_says_whose_and_the_edit_after_it_does_not_repeat_it() -> None:
    desk = Desk(needs_approval=True)
    desk.upload()
    assert "voided: \n" in desk.mailer.outbox[-1].mail.text
    ann = Editor("Ann Lee", "ann@example.org")
    noted = Decision(SLUG, desk.record.content_hash, Verb.APPROVE, ann).noted(NOW)
    desk.issues.approve(SLUG, desk.record.content_hash, noted=noted)

    for number, voided in enumerate(["Ann Lee", ""]):
        desk.issue = issue(title="Even more", source_hash=str(number) * 64)
        desk.upload(sequencer=f"2{number}")
        assert f"voided: {voided}\n" in desk.mailer.outbox[-1].mail.text

    desk.issue = issue()
    desk.upload(sequencer="30")
    assert "voided: \n" in desk.mailer.outbox[-1].mail.text
    assert desk.record.due(NOW.date(), needs_approval=True)


def test_each_editor_gets_a_preview_with_links_of_their_own_and_a_writer_may_only_hold() -> None:
    ann, ben = Editor("Ann Lee", "ann@example.org"), Editor("Ben", "ben@example.org", Role.WRITER)
    desk = Desk(needs_approval=True)
    desk.preview = replace(desk.preview, editors=Editors(desk.mailer, PlainMails(), (ann, ben)))

    desk.upload()

    texts = {sent.to: sent.mail.text for sent in desk.mailer.outbox}
    assert set(texts) == {ann.email, ben.email}
    assert f"/decide/approve/aaaa/{ann.editor_id}" in texts[ann.email]
    assert ben.editor_id not in texts[ann.email]
    assert f"/decide/hold/aaaa/{ben.editor_id}" in texts[ben.email]
    assert "/decide/approve/" not in texts[ben.email]


def test_the_record_says_who_uploaded_last_as_the_event_or_else_the_file_says_it() -> None:
    desk = Desk()
    publish(
        Upload(KEY, sequencer=padded("10"), uploaded_by="ann@example.org"), ports=desk.ports, rhythm=RHYTHM, now=NOW
    )
    assert desk.record.uploaded_by == "ann@example.org"
    desk.upload(sequencer="11", patient=False)  # our own look at the same file
    assert desk.record.uploaded_by == "ann@example.org"
    desk.content.objects[KEY] = b"another file"
    desk.upload(sequencer="12")
    assert desk.record.uploaded_by == ""


def test_an_issue_that_was_approved_for_the_archive_is_not_approved_for_a_send() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NEVER), needs_approval=True)
    desk.upload()
    desk.issues.approve(SLUG, desk.record.content_hash, noted=f"{NOW.isoformat()} approve {desk.record.content_hash}")
    desk.issue = issue(send=SendPolicy.NOW)

    assert not desk.upload(sequencer="11").send_now
    assert not desk.record.due(NOW.date(), needs_approval=True)


def test_an_issue_that_wants_to_go_at_once_waits_for_its_approval() -> None:
    desk = Desk(issue=issue(send=SendPolicy.NOW), needs_approval=True)
    assert not desk.upload().send_now
    desk.issues.approve(SLUG, desk.record.content_hash, noted=f"{NOW.isoformat()} approve {desk.record.content_hash}")

    assert desk.upload(sequencer="").send_now


AT_NOON = {"send": SendPolicy.AT, "send_at": WallTime(NOW.date(), 12, 0)}
NOON = datetime.datetime.combine(NOW.date(), datetime.time(12), tzinfo=datetime.UTC)


def test_an_issue_with_its_own_hour_is_asked_for_as_far_ahead_as_a_message_waits() -> None:
    desk = Desk(issue=issue(**AT_NOON), needs_approval=True)

    assert not desk.upload(now=NOON - datetime.timedelta(minutes=16)).send_now
    assert desk.queues.hours == []
    assert not desk.upload(sequencer="11", now=NOON - datetime.timedelta(minutes=14)).send_now
    assert desk.queues.hours == [(SLUG, 14 * 60)]
    assert desk.record.send_at == WallTime(NOW.date(), 12, 0)


def test_without_approvals_an_hour_that_is_near_leaves_the_editors_their_minutes() -> None:
    """Whoever has an editor's key must not get round the delay of `send: now` by naming the next minute."""
    desk = Desk(issue=issue(**AT_NOON), send_now_delay=datetime.timedelta(minutes=10))

    desk.upload(now=NOON - datetime.timedelta(minutes=1))
    desk.upload(sequencer="", now=NOON)

    assert desk.record.goes_at(RHYTHM.time_zone) == NOON + datetime.timedelta(minutes=9)
    assert desk.queues.hours == [(SLUG, 600), (SLUG, 540)]


def test_an_approval_is_for_the_hour_that_was_approved() -> None:
    desk = Desk(issue=issue(**AT_NOON), needs_approval=True)
    desk.upload()
    desk.issues.approve(SLUG, desk.record.content_hash, noted=f"{NOW.isoformat()} approve {desk.record.content_hash}")
    desk.upload(sequencer="11")
    assert desk.record.approved == desk.record.content_hash

    desk.issue = issue(**{**AT_NOON, "send_at": WallTime(NOW.date(), 13, 0)})
    desk.upload(sequencer="12")

    assert desk.record.approved == ""


def test_an_issue_with_its_own_hour_is_not_public_before_its_send_has_opened() -> None:
    desk = Desk(issue=issue(**AT_NOON))
    desk.upload()
    refresh_archive(SLUG, ports=desk.archive_ports, rhythm=RHYTHM, now=NOON + datetime.timedelta(days=1))
    assert PAGE not in desk.site.files

    desk.issues.begin_sending(SLUG, desk.record.content_hash, needs_approval=False)
    refresh_archive(SLUG, ports=desk.archive_ports, rhythm=RHYTHM, now=NOON)

    assert PAGE in desk.site.files


def test_a_second_look_without_an_order_of_its_own_does_not_forget_the_order_of_the_file() -> None:
    desk = Desk()
    desk.upload(sequencer="20")

    assert desk.upload(sequencer="").result == "published"
    assert desk.record.sequencer == padded("20")
    assert desk.upload(sequencer="1F").result == "stale"


def test_a_hold_survives_an_upload() -> None:
    desk = Desk()
    desk.upload()
    desk.issues.hold(SLUG, held=True, noted="hold")
    desk.issue = issue(title="Even more", source_hash="b" * 64)

    desk.upload(sequencer="11")

    assert desk.record.held
    assert not desk.record.due(NOW.date(), needs_approval=False)


def test_a_correction_is_dated_until_the_text_is_again_what_was_sent() -> None:
    desk = Desk()
    desk.upload()
    desk.issues.begin_sending(SLUG, desk.record.content_hash, needs_approval=False)
    desk.issues.set_status(SLUG, IssueStatus.SENT, sent_at=NOW)
    sent, later = desk.issue, NOW + datetime.timedelta(days=1)

    desk.upload(sequencer="11", now=later)
    assert desk.record.corrected_at is None
    desk.issue = issue(title="Even more", source_hash="b" * 64)
    desk.upload(sequencer="12", now=later)
    assert desk.record.corrected_at == later
    desk.upload(sequencer="13", now=later + datetime.timedelta(days=1))
    assert desk.record.corrected_at == later
    desk.issue = sent
    desk.upload(sequencer="14", now=later + datetime.timedelta(days=2))
    assert desk.record.corrected_at is None
    assert desk.record.status is IssueStatus.SENT


def test_a_new_template_corrects_no_issue_that_was_sent() -> None:
    desk = Desk()
    desk.upload()
    desk.issues.begin_sending(SLUG, desk.record.content_hash, needs_approval=False)
    desk.issue = issue(source_hash="b" * 64)  # the name of what is rendered changes, and not what it says

    desk.upload(sequencer="11")

    assert desk.record.content_hash == "b" * 64
    assert desk.record.corrected_at is None


def test_the_problems_of_one_version_are_mailed_once() -> None:
    desk = Desk(issue=BAD)

    desk.upload()
    desk.upload(sequencer="11")
    assert desk.mails == ["editors_problems"]

    desk.content.objects[KEY] = b"another bad file"
    desk.upload(sequencer="12")
    assert desk.mails == ["editors_problems"] * 2


def test_an_issue_waits_a_minute_for_the_pictures_it_names_and_changes_nothing_until_then() -> None:
    desk = Desk(issue=issue(body="!chart.png"))

    assert desk.upload().result == "waits"

    assert desk.issues.by_slug == {}
    assert desk.mails == []
    assert desk.queues.looks == [(SLUG, 60)]
    assert desk.upload(sequencer="", patient=False).result == "published"
    assert desk.mails == ["editors_preview"]


def test_the_last_picture_of_a_folder_publishes_the_issue_and_the_looks_behind_it_are_no_news() -> None:
    desk = Desk(issue=issue(body="!one.png\n!two.png"))
    desk.upload()
    for name in ("one.png", "two.png"):
        desk.content.objects[f"issues/{SLUG}/{name}"] = b"\x89PNG"
        picture = Upload(f"issues/{SLUG}/{name}", sequencer=padded("1")).of_issue
        desk.upload(picture.key, picture.sequencer)
    desk.upload(sequencer="", patient=False)

    assert desk.mails == ["editors_preview"]


def test_a_file_that_was_replaced_while_we_rendered_is_looked_at_again() -> None:
    desk = Desk()

    class Slow(PlainReader):
        def render(self, issue: Issue, names: tuple[str, ...], pictures: Mapping[str, Picture]) -> RenderedIssue:
            desk.content.objects[KEY] = b"a newer file"
            return super().render(issue, names, pictures)

    desk.ports = replace(desk.ports, examination=replace(desk.ports.examination, reader=Slow(desk.parse)))

    desk.issue = issue(send=SendPolicy.NOW)

    published = desk.upload()

    assert desk.queues.looks == [(SLUG, 0)]
    assert not published.send_now


def test_a_file_that_comes_back_while_it_is_withdrawn_is_looked_at_again() -> None:
    desk = Desk()
    desk.upload()
    desk.content.objects.clear()

    class Restored(MemoryIssues):
        def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
            desk.content.objects[KEY] = b"the file"
            return super().put(record, before=before)

    desk.removal = replace(desk.removal, issues=Restored(desk.record))

    remove_issue(Upload(KEY, padded("20"), removed=True), ports=desk.removal, today=NOW.date(), now=NOW)

    assert desk.queues.looks == [(SLUG, 0)]


def test_a_look_without_an_order_of_its_own_withdraws_what_is_gone_and_makes_no_record_of_what_never_was() -> None:
    desk = Desk()
    desk.content.objects.clear()
    look = Upload(KEY)
    assert remove_issue(look, ports=desk.removal, today=NOW.date(), now=NOW) == "unknown"
    assert desk.issues.by_slug == {}
    desk.content.objects[KEY] = b"the file"
    desk.upload(sequencer="20")
    desk.issues.approve(SLUG, desk.record.content_hash, noted=f"{NOW.isoformat()} approve {desk.record.content_hash}")
    desk.content.objects.clear()

    assert remove_issue(look, ports=desk.removal, today=NOW.date(), now=NOW) == "withdrawn"
    assert desk.record.sequencer == padded("20")
    assert desk.record.approved == ""


def test_a_new_issue_with_errors_is_a_draft_that_says_what_to_mend() -> None:
    desk = Desk(issue=issue(title="Faulty", send=SendPolicy.NOW))

    assert not desk.upload().send_now

    assert desk.record.status is IssueStatus.DRAFT
    assert desk.record.preflight == {"errors": 1, "warnings": 0}
    assert PAGE not in desk.site.files
    assert "It is too large." in desk.content.problems[KEY]
    assert len(json.loads(desk.content.preflights[KEY])["errors"]) == 1
    assert "It does not go out yet" in desk.mailer.outbox[0].mail.text


@pytest.mark.parametrize("status", [IssueStatus.READY, IssueStatus.SENDING, IssueStatus.SENT])
def test_errors_in_a_new_version_leave_the_last_good_one_as_it_is_and_are_mailed_once(status: IssueStatus) -> None:
    desk = Desk()
    desk.upload()
    desk.issues.set_status(SLUG, status)
    good = desk.record
    desk.issue = issue(title="Faulty", source_hash="b" * 64)

    assert desk.upload(sequencer="11").result == "blocked"
    assert desk.upload(sequencer="11").result == "blocked"

    assert replace(desk.record, announced=good.announced, announced_version=good.announced_version) == good
    assert desk.mails == ["editors_preview"] * 2
    assert "The last good version stays" in desk.mailer.outbox[1].mail.text
    assert "/decide/approve/" not in desk.mailer.outbox[1].mail.text
    assert "It is too large." in desk.content.problems[KEY]


def test_a_mended_issue_is_ready_again_and_its_list_of_problems_goes() -> None:
    desk = Desk(issue=issue(title="Faulty"))
    desk.upload()
    desk.issue = issue(source_hash="b" * 64)

    desk.upload(sequencer="11")

    assert desk.record.status is IssueStatus.READY
    assert desk.content.problems == {}
    assert json.loads(desk.content.preflights[KEY])["errors"] == []


def test_warnings_hold_up_nothing() -> None:
    desk = Desk(issue=issue(title="Odd"))

    desk.upload()

    assert desk.record.status is IssueStatus.READY
    assert desk.record.preflight == {"errors": 0, "warnings": 1}
    assert desk.content.problems == {}
    assert "The subject shouts." in desk.mailer.outbox[0].mail.text


def test_a_draft_is_previewed_with_what_would_hold_it_up() -> None:
    desk = Desk(issue=issue(title="Faulty", ready=False))

    desk.upload()

    assert desk.content.problems == {}
    assert "It is too large." in desk.mailer.outbox[0].mail.text


def test_a_picture_that_never_came_holds_up_the_issue() -> None:
    desk = Desk(issue=issue(body="!chart.png"))

    desk.upload(patient=False)

    assert desk.record.status is IssueStatus.DRAFT
    assert "chart.png" in desk.content.problems[KEY]


def test_a_picture_that_nobody_can_open_is_refused_and_after_two_of_them_no_other_is_tried() -> None:
    desk = Desk()
    names = ("a.png", "b.png", "c.png", "d.png")
    desk.issue = issue(body="\n".join(f"!{name}" for name in names))
    for name in names:
        desk.content.objects[f"issues/{SLUG}/{name}"] = b"\x89PNG" if name == "a.png" else b"deadly"

    found = desk.upload().preflight

    assert desk.shelf.asked == ["a.png", "b.png", "c.png"]
    assert [each.message for each in found.errors] == [f"There is no {name}." for name in names[1:]]
    assert "could not be opened" in found.errors[0].remedy
    assert "not looked at" in found.errors[2].remedy
