"""A draft of what is new on the publisher's websites: when it is made, what is in it, and when it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.desk.drafts.draft import NewVersion
from newsletter.desk.feed_ports import FeedDraftPorts, GatherFeedsPorts
from newsletter.desk.feeds.draft_from_feeds import LEAD, PATIENCE, draft_from_feeds
from newsletter.desk.feeds.feed import Feed, FeedAnswer, FeedDraftOutcome, FeedEntry, FeedOutcome
from newsletter.desk.feeds.gather_feeds import MOST_OFFERED
from newsletter.errors import SendThrottledError, StoreBusyError
from newsletter.issues.domain.issue import IssueStatus
from tests.core.fakes import TEAM, MemoryMailer, OneByOne, PlainMails
from tests.desk.draft_fakes import MemoryDrafts
from tests.desk.feed_fakes import MemoryFeedStore, PlainFeeds, PlainFeedWriter, feed_entry
from tests.factories import record
from tests.issues.fakes import MemoryContent, MemoryIssues

BLOG, NEWS = "https://www.example.org/blog.xml", "https://www.example.org/news.json"
RHYTHM = Rhythm(anchor=date(2026, 11, 3), time_zone=ZoneInfo("Europe/London"))
DAY = date(2026, 12, 1)
SLOT = RHYTHM.moment(DAY).astimezone(UTC)
NOW = SLOT - LEAD
LAST_ISSUE = datetime(2026, 11, 17, 9, 5, tzinfo=UTC)
SLUG = "2026-12-01-what-is-new"


@dataclass
class Newsroom:
    """What making such drafts touches."""

    feeds: tuple[Feed, ...] = (Feed("Our blog", BLOG),)
    website: PlainFeeds = field(default_factory=PlainFeeds)
    store: MemoryFeedStore = field(default_factory=MemoryFeedStore)
    drafts: MemoryDrafts = field(default_factory=MemoryDrafts)
    content: MemoryContent = field(default_factory=MemoryContent)
    issues: MemoryIssues = field(default_factory=MemoryIssues)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    holders: dict[date, str] = field(default_factory=dict)

    def look(self, now: datetime = NOW, rhythm: Rhythm = RHYTHM) -> dict[date, FeedDraftOutcome]:
        """Let the clock tick."""
        ports = FeedDraftPorts(
            gathering=GatherFeedsPorts(self.website, self.store, self.issues, OneByOne()),
            feeds=lambda: self.feeds,
            writer=PlainFeedWriter(),
            drafts=self.drafts,
            content=self.content,
            holder=self.holders.get,
            editors=Editors(self.mailer, PlainMails(), TEAM),
            public_url="https://briefing.example.org",
        )
        return draft_from_feeds(ports=ports, rhythm=rhythm, now=now)

    def sent(self, day: date = date(2026, 11, 17), moment: datetime = LAST_ISSUE) -> None:
        """Let an issue have gone out."""
        self.issues.by_slug["last"] = record(
            slug="last", status=IssueStatus.SENT, date=day, sent_at=moment, listed=True
        )

    def has(self, *entries: FeedEntry, etag: str = "") -> None:
        self.website.has(BLOG, *entries, etag=etag)

    @property
    def lines(self) -> list[str]:
        """What the draft of the slot says below the template."""
        draft = self.drafts.newest(SLUG)
        return draft.text.rstrip().split("\n\n")[-1].split("\n") if draft else []

    @property
    def mails(self) -> list[str]:
        return [sent.mail.text for sent in self.mailer.outbox]


@pytest.fixture
def newsroom() -> Newsroom:
    made = Newsroom()
    made.sent()
    return made


def test_three_days_before_the_slot_there_is_a_draft_and_the_editors_hear_what_is_in_it(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries", LAST_ISSUE + timedelta(days=2)), feed_entry("old", LAST_ISSUE))

    assert newsroom.look(NOW - timedelta(seconds=1)) == {}
    assert newsroom.website.asked == []
    assert newsroom.look() == {DAY: FeedDraftOutcome.MADE}

    draft = newsroom.drafts.newest(SLUG)
    assert draft is not None
    assert draft.text.startswith("---\ntitle: What is new\ndate: 2026-12-01\nstatus: draft\n---\n")
    assert "Hello {{ name | there }}," in draft.text
    assert newsroom.lines == ["ferries"]
    assert draft.saved_by == "feeds"
    assert "ferries" in newsroom.mails[0]
    assert f"https://briefing.example.org/desk/issues/{SLUG}/write/" in newsroom.mails[0]
    assert newsroom.issues.get(SLUG) is None, "nothing is handed in"


def test_it_is_made_once_however_often_the_clock_ticks(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries"))
    newsroom.look()

    for minutes in range(0, 71 * 60, 10):
        assert newsroom.look(NOW + timedelta(minutes=minutes)) == {}

    assert (newsroom.drafts.writes, len(newsroom.mails)) == (1, len(TEAM))


def test_whoever_removed_it_gets_no_other_for_that_slot(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries"))
    newsroom.look()
    newsroom.drafts.remove(SLUG)
    newsroom.has(feed_entry("bridges"))

    newsroom.look(NOW + timedelta(hours=1))

    assert newsroom.drafts.newest(SLUG) is None


def test_it_begins_as_the_editors_have_every_issue_begin(newsroom: Newsroom) -> None:
    newsroom.content.objects["settings/new-issue.md"] = b"---\nauthor: Ada\n---\n\nDear reader,\n"
    newsroom.has(feed_entry("ferries"))

    newsroom.look()

    draft = newsroom.drafts.newest(SLUG)
    assert draft is not None
    assert draft.text == (
        "---\nauthor: Ada\ntitle: What is new\ndate: 2026-12-01\nstatus: draft\n---\n\nDear reader,\n\nferries\n"
    )


@pytest.mark.parametrize("by", ["holder", "ready", "draft", "written"])
def test_a_slot_that_somebody_has_begun_an_issue_for_gets_none(newsroom: Newsroom, by: str) -> None:
    newsroom.has(feed_entry("ferries"))
    match by:
        case "holder":
            newsroom.holders[DAY] = "ours"
        case "ready" | "draft":
            newsroom.issues.by_slug["ours"] = record(slug="ours", status=IssueStatus(by), date=DAY)
        case "written":
            text = "---\ntitle: Ours\ndate: 2026-11-30\n---\n\nHello"
            newsroom.drafts.write(NewVersion("2026-11-30-ours", text, "Ada"), over=None)

    assert newsroom.look() == {DAY: FeedDraftOutcome.TAKEN}

    assert newsroom.drafts.newest(SLUG) is None
    assert newsroom.mails == []
    assert newsroom.website.asked == []
    assert newsroom.look(NOW + timedelta(hours=1)) == {}


def test_issues_of_other_slots_and_withdrawn_ones_keep_nothing_from_it(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries"))
    for slug, day, withdrawn in (("later", date(2026, 12, 15), False), ("gone", DAY, True)):
        newsroom.issues.by_slug[slug] = record(slug=slug, status=IssueStatus.READY, date=day, withdrawn=withdrawn)
    for slug, day in (("2026-11-17-last", date(2026, 11, 17)), ("2026-12-15-next", date(2026, 12, 15))):
        newsroom.drafts.write(NewVersion(slug, f"---\ntitle: A\ndate: {day}\n---\n\nHello", "Ada"), over=None)
    newsroom.drafts.write(NewVersion("no-day", "no front matter", "Ada"), over=None)

    assert newsroom.look() == {DAY: FeedDraftOutcome.MADE}


def test_new_is_what_was_not_there_before_and_what_has_no_date_when_it_is_seen_first(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("one"), feed_entry("tomorrow", NOW + timedelta(days=300)))
    newsroom.look()
    assert newsroom.lines == ["one", "tomorrow"]
    newsroom.sent(DAY, SLOT)
    again = NOW + timedelta(weeks=2)
    late = feed_entry("late", NOW + timedelta(days=1))  # between the draft and the issue

    newsroom.has(feed_entry("one"), feed_entry("tomorrow", NOW + timedelta(days=300)), late, feed_entry("two"))
    newsroom.look(again)

    draft = newsroom.drafts.newest("2026-12-15-what-is-new")
    assert draft is not None
    assert draft.text.endswith("\n\ntwo\nlate\n")


def test_without_a_draft_for_the_last_issue_that_issue_says_what_is_old(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries", LAST_ISSUE - timedelta(minutes=1)))

    assert newsroom.look() == {DAY: FeedDraftOutcome.NOTHING_NEW}
    assert newsroom.mails == []


def test_before_the_first_issue_a_fortnight_is_new() -> None:
    newsroom = Newsroom()
    newsroom.has(feed_entry("ferries", NOW - timedelta(days=13)), feed_entry("old", NOW - timedelta(days=15)))

    newsroom.look()

    assert newsroom.lines == ["ferries"]


def test_of_many_the_newest_are_in_it_and_the_rest_is_counted_and_not_offered_again(newsroom: Newsroom) -> None:
    entries = [feed_entry(f"n{number:02}", LAST_ISSUE + timedelta(hours=number)) for number in range(1, 33)]
    newsroom.has(*entries)

    newsroom.look()

    assert newsroom.lines == [*[f"n{number:02}" for number in range(32, 32 - MOST_OFFERED, -1)], "and 12 more"]
    newsroom.sent(DAY, SLOT)
    assert newsroom.look(NOW + timedelta(weeks=2)) == {date(2026, 12, 15): FeedDraftOutcome.NOTHING_NEW}


def test_what_two_feeds_hold_is_in_it_once(newsroom: Newsroom) -> None:
    newsroom.feeds = (Feed("Our blog", BLOG), Feed("News", NEWS))
    newsroom.has(feed_entry("ferries"))
    newsroom.website.has(NEWS, feed_entry("again", link="https://www.example.org/ferries"), feed_entry("bridges"))

    newsroom.look()

    assert newsroom.lines == ["ferries", "bridges"]


def test_a_website_is_asked_whether_anything_is_different(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries"), etag='"1"')
    newsroom.look()
    newsroom.sent(DAY, SLOT)

    assert newsroom.look(NOW + timedelta(weeks=2)) == {date(2026, 12, 15): FeedDraftOutcome.NOTHING_NEW}

    assert newsroom.website.asked == [(BLOG, ""), (BLOG, '"1"')]
    assert newsroom.store.memory(BLOG).etag == '"1"'


def test_a_feed_that_fails_is_waited_for_and_then_named(newsroom: Newsroom) -> None:
    newsroom.feeds = (Feed("Our blog", BLOG), Feed("News", NEWS))
    newsroom.has(feed_entry("ferries"))

    assert newsroom.look() == {}
    assert newsroom.look(NOW + PATIENCE - timedelta(minutes=10)) == {}
    assert newsroom.look(NOW + PATIENCE) == {DAY: FeedDraftOutcome.MADE}

    assert newsroom.lines == ["ferries"]
    assert "“News” did not answer in time." in newsroom.mails[0]
    assert newsroom.store.memory(NEWS).read_at is None


def test_a_feed_that_comes_back_in_time_is_in_it(newsroom: Newsroom) -> None:
    newsroom.look()
    newsroom.has(feed_entry("ferries"))

    assert newsroom.look(NOW + timedelta(minutes=10)) == {DAY: FeedDraftOutcome.MADE}


def test_if_no_feed_can_be_read_the_editors_hear_of_it_once(newsroom: Newsroom) -> None:
    assert newsroom.look(NOW + PATIENCE) == {DAY: FeedDraftOutcome.UNREAD}
    newsroom.look(NOW + PATIENCE + timedelta(minutes=10))

    assert newsroom.drafts.newest(SLUG) is None
    assert ["did not answer in time" in text for text in newsroom.mails] == [True] * len(TEAM)


def test_a_feed_that_is_gone_is_not_waited_for(newsroom: Newsroom) -> None:
    newsroom.feeds = (Feed("Our blog", BLOG), Feed("News", NEWS))
    newsroom.has(feed_entry("ferries"))
    newsroom.website.answers[NEWS] = FeedAnswer(FeedOutcome.GONE)

    assert newsroom.look() == {DAY: FeedDraftOutcome.MADE}

    assert "“News” says that it is gone for good (410)" in newsroom.mails[0]


def test_while_ses_takes_nothing_the_draft_stands_and_the_editors_hear_of_it_later(newsroom: Newsroom) -> None:
    newsroom.has(feed_entry("ferries"))
    newsroom.mailer.failure = SendThrottledError("later")
    newsroom.look()
    assert newsroom.lines == ["ferries"]

    newsroom.mailer.failure = None
    newsroom.look(NOW + timedelta(minutes=10))
    newsroom.look(NOW + timedelta(minutes=20))

    assert len(newsroom.mails) == len(TEAM)


def test_cut_off_behind_the_draft_it_stays_and_the_editors_hear_of_it(newsroom: Newsroom) -> None:
    class CutOff(MemoryFeedStore):
        def note_draft(self, day: date, feed_draft: object) -> None:
            raise StoreBusyError("the database is busy")

    newsroom.has(feed_entry("ferries"))
    whole, newsroom.store = newsroom.store, CutOff()
    with pytest.raises(StoreBusyError):
        newsroom.look()
    newsroom.store = whole

    assert newsroom.look(NOW + timedelta(minutes=10)) == {DAY: FeedDraftOutcome.MADE}

    assert newsroom.drafts.writes == 1
    assert len(newsroom.mails) == len(TEAM)


def test_two_looks_at_once_make_one_draft(newsroom: Newsroom) -> None:
    class MeanwhileAnother(PlainFeeds):
        def read(self, address: str, *, etag: str = "", modified: str = "") -> FeedAnswer:
            newsroom.website = website
            newsroom.look()
            return website.read(address, etag=etag, modified=modified)

    website = newsroom.website
    newsroom.has(feed_entry("ferries"))
    newsroom.website = MeanwhileAnother()

    assert newsroom.look() == {DAY: FeedDraftOutcome.MADE}

    assert newsroom.drafts.writes == 1
    assert newsroom.lines == ["ferries"]


def test_without_feeds_nothing_is_looked_at() -> None:
    newsroom = Newsroom(feeds=())

    assert newsroom.look() == {}
    assert newsroom.store.feed_drafts == {}
