"""The digest of a month: asked for once, made once, of what went out, and sent by nobody but its editors."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.domain.digest import DigestResult, DigestWords, digest_file, digest_hour
from newsletter.calendar.jobs.make_digest import DigestPorts, ask_for_digest, make_digest
from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.audience.expression import AudienceExpression
from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.readers.part import is_in_part
from newsletter.sending.domain.send import Send
from newsletter.web.jinja import Templates
from tests.calendar.fakes import MemoryCalendar
from tests.factories import record, subscriber
from tests.issues.fakes import MemoryIssues
from tests.issues.rendering_samples import RENDERER
from tests.sending.fakes import MemoryQueues, MemorySends

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
FIRST = datetime(2026, 12, 1, 8, 3, tzinfo=UTC)
TEMPLATES = Templates(Path(__file__).parents[2] / "templates")


@dataclass
class Shelf:
    """Where drafts stand."""

    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, key: str, draft: bytes) -> bool:
        return self.files.setdefault(key, draft) is draft


def words(month: str, days: Sequence[date]) -> DigestWords:
    named = TEMPLATES.month(month)
    return DigestWords(
        "en", f"The issues of {named}", f"What we sent in {named}, at a glance.", [f"{day:%-d %B}" for day in days]
    )


@dataclass
class Office:
    """An office whose readers can choose a digest, and one has."""

    offers_digest: bool = True
    readers: tuple[str, ...] = ("2026-11",)
    """Since when each reader gets the digest."""
    issues: MemoryIssues = field(default_factory=MemoryIssues)
    sends: MemorySends = field(default_factory=MemorySends)
    shelf: Shelf = field(default_factory=Shelf)

    def sent(self, slug: str, opened_at: datetime, **changes: object) -> None:
        issue = record(
            slug=slug, status=IssueStatus.SENT, sent_hash="a" * 64, listed=True, date=opened_at.date(), **changes
        )
        self.issues.by_slug[slug] = issue
        self.sends.open(Send(slug=slug, content_hash="a" * 64, shards=16, opened_at=opened_at))

    def count(self, expression: AudienceExpression) -> int:
        return sum(is_in_part(subscriber(digest_since=since), expression) for since in self.readers)

    def make(self, month: str = "2026-11", now: datetime = FIRST) -> DigestResult:
        ports = DigestPorts(
            issues=self.issues, sends=self.sends, drafts=self.shelf, public=_public,
            offers_digest=lambda: self.offers_digest, count=self.count, words=words,
        )  # fmt: skip
        return make_digest(month, ports=ports, rhythm=RHYTHM, now=now)


def _public(issue: IssueRecord) -> IssueRecord | None:
    return None if issue.held else issue


def november(**changes: object) -> Office:
    office = Office(**changes)  # type: ignore[arg-type]
    office.sent("bins", datetime(2026, 11, 3, 9, tzinfo=UTC), title="Bins & rates", summary="What *bins* cost.")
    office.sent("schools", datetime(2026, 11, 17, 9, tzinfo=UTC), title="Schools", summary="Who pays.")
    return office


def test_its_draft_names_what_went_out_in_the_month_in_order_and_waits_for_people() -> None:
    office = november()
    office.sent("october", datetime(2026, 10, 20, 9, tzinfo=UTC))
    office.sent("december", datetime(2026, 12, 1, 7, tzinfo=UTC))

    assert office.make() is DigestResult.MADE
    issue = parse_issue("digest-2026-11", office.shelf.files["issues/digest-2026-11.md"])

    assert (issue.title, issue.digest, issue.ready) == ("The issues of November 2026", "2026-11", False)
    assert (issue.send, str(issue.send_at), issue.date) == (SendPolicy.AT, "2026-12-03 09:00", date(2026, 12, 3))
    assert issue.body.strip().split("\n\n") == [
        "What we sent in November 2026, at a glance.",
        "## [Bins & rates](bins.md)", "*3 November*", r"What \*bins\* cost.",
        "## [Schools](schools.md)", "*17 November*", "Who pays.",
    ]  # fmt: skip


def test_it_is_made_once_and_nothing_of_its_editors_is_written_over() -> None:
    office = november()
    assert [office.make(), office.make()] == [DigestResult.MADE, DigestResult.ALREADY]

    withdrawn = november()
    withdrawn.issues.by_slug["digest-2026-11"] = record(slug="digest-2026-11", digest="2026-11", withdrawn=True)
    assert withdrawn.make() is DigestResult.ALREADY
    assert withdrawn.shelf.files == {}


def test_there_is_none_where_there_is_nothing_to_say_or_nobody_to_say_it_to() -> None:
    assert Office().make() is DigestResult.NOTHING_SENT
    assert november(readers=("2026-12", "")).make() is DigestResult.NOBODY
    assert november(offers_digest=False).make() is DigestResult.NOT_OFFERED


def test_what_never_went_out_or_may_not_be_seen_is_not_in_it() -> None:
    office = Office()
    office.issues.by_slug["page"] = record(slug="page", send=SendPolicy.NEVER, listed=True, date=date(2026, 11, 2))
    office.sent("held", datetime(2026, 11, 3, 9, tzinfo=UTC), held=True)
    office.sent("digest-2026-10", datetime(2026, 11, 4, 9, tzinfo=UTC), digest="2026-10")

    assert office.make() is DigestResult.NOTHING_SENT


def test_the_month_of_an_issue_is_that_of_the_newsletters_clock() -> None:
    office = Office()
    office.sent("late", datetime(2026, 10, 31, 23, 59, tzinfo=UTC))  # London's clocks are at Greenwich time by then
    office.sent("summer", datetime(2026, 6, 30, 23, 30, tzinfo=UTC))

    assert office.make("2026-11") is DigestResult.NOTHING_SENT
    assert Office(issues=office.issues, sends=office.sends, readers=("2026-07",)).make("2026-07") is DigestResult.MADE


@pytest.mark.parametrize(
    ("today", "written"),
    [
        (date(2026, 12, 1), "2026-12-03 09:30"),
        (date(2026, 12, 3), "2026-12-07 09:30"),
        (date(2026, 12, 10), "2026-12-14 09:30"),
    ],
)
def test_its_hour_is_on_a_working_day_and_leaves_two_days_to_approve_it(today: date, written: str) -> None:
    assert str(digest_hour("2026-11", today=today, time_of_day=time(9, 30))) == written


@pytest.mark.parametrize(
    "words",
    [
        'A "quote": and # more',
        "{{ name | there }}",
        "[x](https://evil.example)",
        "<b>x</b> &amp;",
        "2026. A year",
        "- *x*",
    ],
)
def test_whatever_a_title_and_a_summary_hold_is_shown_as_it_is(words: str) -> None:
    entry = ArchiveEntry("bins", words, words, date(2026, 11, 3))
    hour = digest_hour("2026-11", today=date(2026, 12, 1), time_of_day=time(9))

    source = digest_file("2026-11", [entry], DigestWords("en", "T", "S", ["3 November"]), hour=hour)
    article = RENDERER.read("digest-2026-11", source.encode()).render({}, {}).web_html

    shown = [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in article.splitlines()]
    assert [line for line in shown if line] == ["S", words, "3 November", words]


def test_it_is_asked_for_once_in_the_first_mornings_of_a_month() -> None:
    calendar, queues = MemoryCalendar(), MemoryQueues()

    def look(moment: datetime) -> str:
        return ask_for_digest(calendar=calendar, publish_queue=queues, rhythm=RHYTHM, now=moment)

    assert look(FIRST - timedelta(minutes=10)) == ""
    assert [look(FIRST), look(FIRST + timedelta(minutes=10)), look(FIRST + timedelta(days=1))] == ["2026-11", "", ""]
    assert look(datetime(2027, 1, 2, 3, tzinfo=UTC)) == "2026-12"
    assert look(datetime(2027, 2, 4, 9, tzinfo=UTC)) == ""
    assert queues.digests == ["2026-11", "2026-12"]


def test_months_are_named_in_every_language() -> None:
    assert [TEMPLATES.month("2026-12", lang=lang) for lang in ("en", "de", "fr", "es", "cy")] == [
        "December 2026", "Dezember 2026", "décembre 2026", "diciembre de 2026", "Rhagfyr 2026",
    ]  # fmt: skip
