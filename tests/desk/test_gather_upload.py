"""One upload of text and pictures brings one preview, in whatever order its files and their events come."""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations

import pytest

from newsletter.desk.jobs.take_upload import UploadPorts, take_upload
from newsletter.desk.ports import GatherPorts
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.publication import UploadResult
from newsletter.issues.domain.upload import Upload, padded
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.jobs.convert_document import ConversionPorts
from newsletter.issues.jobs.publish import PATIENCE
from newsletter.sending.jobs.open_send import Opening
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import SLUG
from tests.issues.fakes import PlainDocuments, PlainPreflight
from tests.issues.test_publish import KEY, RHYTHM, Desk, PlainReader, issue

GATHER = 15
TEXT, PICTURES = KEY, tuple(f"issues/{SLUG}/{name}.png" for name in ("one", "two", "three"))
FILES = (TEXT, *PICTURES)
NAMED = "".join(f"!{name}.png\n" for name in ("one", "two", "three"))


class SealingReader(PlainReader):
    """Names what it rendered by its pictures too, as the real one does."""

    def render(self, issue: Issue, names: tuple[str, ...], pictures: Mapping[str, Picture]) -> RenderedIssue:
        return super().render(issue, names, pictures).sealed()


@dataclass
class Stack:
    """A bucket whose events reach the queue, and a clock that only the queue moves."""

    gather_seconds: int = GATHER
    desk_identities: tuple[str, ...] = ()
    desk: Desk = field(default_factory=lambda: Desk(issue=issue(body=NAMED)))

    def __post_init__(self) -> None:
        self.now, self.order, self.results = NOW, 0, list[UploadResult]()
        self.due: list[tuple[datetime.datetime, int, Upload]] = []
        self.counters = MemoryCounters()
        self.desk.content.objects.clear()
        examination = ExaminationPorts(SealingReader(self.desk.parse), PlainPreflight())
        self.desk.ports = replace(self.desk.ports, examination=examination)

    def put(self, key: str, body: bytes = b"\x89PNG", *, event_after: float = 0, uploaded_by: str = "") -> None:
        """Put a file into the bucket, whose event comes after so many seconds and says who did it."""
        self.desk.content.objects[key] = body
        if key == TEXT:
            self.desk.issue = issue(body=NAMED, source_hash=body.hex().ljust(64, "0")[:64])
        self._queue(Upload(key, sequencer=padded(f"{self.order:04X}"), uploaded_by=uploaded_by), event_after)

    def wait(self, seconds: float) -> None:
        until = self.now + datetime.timedelta(seconds=seconds)
        while self.due and self.due[0][0] <= until:
            self.now, _, upload = heapq.heappop(self.due)
            self._take(upload)
        self.now = until

    @property
    def previews(self) -> list[str]:
        return [sent.mail.text for sent in self.desk.mailer.outbox]

    def _queue(self, upload: Upload, after: float) -> None:
        self.order += 1
        heapq.heappush(self.due, (self.now + datetime.timedelta(seconds=after), self.order, upload))

    def _take(self, upload: Upload) -> None:
        desk = self.desk
        ports = UploadPorts(
            GatherPorts(self.counters, desk.queues, self.gather_seconds), desk.ports, desk.removal, desk.preview,
            Opening(desk.issues, desk.sends, desk.queues, desk.queues, needs_approval=False, shards=16),
            ConversionPorts(desk.content, desk.content, PlainDocuments(), desk.ports.editors),
            lambda: RHYTHM,
            self.desk_identities,
        )  # fmt: skip
        asked = len(desk.queues.later)
        result = take_upload(upload, ports=ports, rhythm=RHYTHM, now=self.now)
        self.results.append(result)
        for look, delay in desk.queues.later[asked:]:
            self._queue(look, delay)


@pytest.mark.parametrize("order", list(permutations(FILES)))
@pytest.mark.parametrize("pause", [0, 4])
def test_text_and_three_pictures_in_any_order_bring_one_preview(order: tuple[str, ...], pause: int) -> None:
    stack = Stack()
    for key in order:
        stack.put(key)
        stack.wait(pause)
    stack.wait(10 * PATIENCE)

    assert len(stack.previews) == 1
    content_hash = stack.desk.issues.by_slug[SLUG].content_hash
    assert len(stack.desk.content.rendered(SLUG, content_hash).pictures) == len(PICTURES)


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_the_same_upload_over_an_issue_that_stands_brings_one_preview(order: tuple[str, ...]) -> None:
    stack = Stack()
    for key in FILES:
        stack.put(key)
    stack.wait(10 * PATIENCE)
    for key in order:
        stack.put(key, b"\x89PNG, another")
        stack.wait(3)
    stack.wait(10 * PATIENCE)

    assert len(stack.previews) == 2


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_events_that_come_in_another_order_than_the_files_bring_one_preview(order: tuple[int, ...]) -> None:
    stack = Stack()
    for key, place in zip(FILES, order, strict=True):
        stack.put(key, event_after=place * 5)
    stack.wait(10 * PATIENCE)

    assert len(stack.previews) == 1


@pytest.mark.parametrize("key", FILES)
def test_an_edit_of_one_file_alone_brings_one_preview(key: str) -> None:
    stack = Stack()
    for each in FILES:
        stack.put(each)
    stack.wait(10 * PATIENCE)
    stack.put(key, b"\x89PNG, another")
    stack.wait(GATHER - 1)
    assert len(stack.previews) == 1
    stack.wait(1)

    assert len(stack.previews) == 2


def test_a_picture_that_never_comes_is_missed_only_when_patience_is_at_an_end() -> None:
    stack = Stack()
    stack.put(TEXT)
    stack.wait(GATHER + PATIENCE - 1)
    assert stack.previews == []
    stack.wait(1)

    assert len(stack.previews) == 1


def test_patience_begins_anew_with_every_file_that_comes() -> None:
    stack = Stack()
    stack.put(TEXT)
    for key in PICTURES:
        stack.wait(PATIENCE - 1)
        assert stack.previews == []
        stack.put(key)
    stack.wait(GATHER)

    assert len(stack.previews) == 1
    stack.wait(10 * PATIENCE)
    assert len(stack.previews) == 1


def test_an_issue_that_is_taken_back_is_not_kept_waiting() -> None:
    stack = Stack()
    for each in FILES:
        stack.put(each)
    stack.wait(10 * PATIENCE)
    del stack.desk.content.objects[TEXT]
    stack._queue(replace(Upload(TEXT, sequencer=padded("FF")), removed=True), 0)
    stack.wait(0)

    assert stack.results[-1] is UploadResult.WITHDRAWN


def test_an_upload_at_midnight_loses_no_preview() -> None:
    stack = Stack()
    stack.now = datetime.datetime(2026, 12, 1, 23, 59, 58, tzinfo=datetime.UTC)
    for key in FILES:
        stack.put(key)
        stack.wait(1)
    stack.wait(10 * PATIENCE)

    assert len(stack.previews) in (1, 2)


def test_where_nothing_is_gathered_an_event_is_looked_at_at_once() -> None:
    stack = Stack(gather_seconds=0)
    for key in (*PICTURES, TEXT):
        stack.put(key)
        stack.wait(0)

    assert len(stack.previews) == 1
    assert not stack.counters.counts


DESK = "newsletter-DeskFunction-1A2B"


@pytest.mark.parametrize(
    ("event_says", "metadata_says", "counts"),
    [
        (DESK, "ann@example.org", "ann@example.org"),  # the desk uploads for whoever is signed in
        ("mallory", "ann@example.org", "mallory"),  # anybody can write a name beside a file
        (DESK, "", ""),
        ("", "ann@example.org", "ann@example.org"),  # AWS names nobody: as from the command line
    ],
)
@pytest.mark.parametrize("key", [TEXT, PICTURES[0]])
def test_whoever_is_signed_in_at_the_desk_counts_as_the_one_who_uploaded(
    key: str, event_says: str, metadata_says: str, counts: str
) -> None:
    stack = Stack(desk_identities=(DESK, "fortnightly-api_issues"))
    for each in FILES:
        stack.put(each)
    stack.wait(10 * PATIENCE)
    stack.desk.content.uploaders[key] = metadata_says

    stack.put(key, b"\x89PNG, another", uploaded_by=event_says)
    stack.wait(10 * PATIENCE)

    named_by_aws = bool(event_says)
    assert stack.desk.issues.by_slug[SLUG].uploaded_by == (counts if key == TEXT or named_by_aws else "")


def test_without_a_desk_a_function_of_that_name_is_anybody() -> None:
    stack = Stack()
    for each in FILES:
        stack.desk.content.uploaders[each] = "ann@example.org"
        stack.put(each, uploaded_by=DESK)
    stack.wait(10 * PATIENCE)

    assert stack.desk.issues.by_slug[SLUG].uploaded_by == DESK
