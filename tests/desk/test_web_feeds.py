"""Feeds as websites write them, well and badly: what is taken from them is plain text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial

import pytest

from newsletter.desk.adapters.feeds.feed_pages import FetchedPage, UnreadFeedError
from newsletter.desk.adapters.feeds.web_feeds import WebFeeds
from newsletter.desk.feeds.feed import LONGEST_SUMMARY, LONGEST_TITLE, MOST_ENTRIES, FeedAnswer, FeedOutcome

BLOG = "https://www.example.org/blog/feed.xml"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Our blog</title>
<link>https://www.example.org/</link>{items}</channel></rss>"""


def read(body: str | bytes, content_type: str = "application/xml", status: int = 200) -> FeedAnswer:
    raw = body.encode() if isinstance(body, str) else body
    page = FetchedPage(status, BLOG, raw, content_type, '"1"', "Sat, 28 Nov 2026 08:00:00 GMT")
    return WebFeeds(lambda address, **known: page).read(BLOG)


def rss(*items: str) -> FeedAnswer:
    return read(RSS.format(items="".join(f"<item>{item}</item>" for item in items)))


def test_an_rss_feed() -> None:
    answer = rss(
        "<guid>7</guid><title>Ferries &amp;amp; bridges</title><link>/ferries</link>"
        "<description>&lt;p&gt;Two &lt;b&gt;boats&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;One bridge.&lt;/p&gt;</description>"
        "<pubDate>Wed, 25 Nov 2026 10:00:00 +0100</pubDate><media:thumbnail url='https://www.example.org/f.jpg'/>"
    )

    assert answer.outcome is FeedOutcome.READ
    assert (answer.etag, answer.modified) == ('"1"', "Sat, 28 Nov 2026 08:00:00 GMT")
    (entry,) = answer.entries
    assert (entry.title, entry.link) == ("Ferries & bridges", "https://www.example.org/ferries")
    assert entry.summary == "Two boats. One bridge."
    assert entry.picture == "https://www.example.org/f.jpg"
    assert entry.published_at == datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_an_atom_feed() -> None:
    (entry,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><id>urn:1</id><title>Ferries</title>'
        '<link href="https://www.example.org/ferries"/><updated>2026-11-25T09:00:00Z</updated>'
        '<content type="html">&lt;p&gt;Boats.&lt;/p&gt;</content>'
        '<link rel="enclosure" type="image/png" href="https://www.example.org/f.png"/></entry></feed>'
    ).entries

    assert (entry.title, entry.summary, entry.picture) == ("Ferries", "Boats.", "https://www.example.org/f.png")
    assert entry.published_at == datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_a_json_feed() -> None:
    items = [
        {"id": "1", "url": "ferries", "title": "Ferries", "content_text": "1 < 2 <b>", "image": "f.jpg",
         "date_published": "2026-11-25T10:00:00+01:00"},
        {"id": 2, "title": "No link", "content_html": "<p>One.</p><p>Two.</p>"},
        "no item", {"id": "3"},
    ]  # fmt: skip
    answer = read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))

    undated, dated = answer.entries
    assert (dated.title, dated.link, dated.summary) == ("Ferries", "https://www.example.org/blog/ferries", "1 < 2 <b>")
    assert dated.picture == "https://www.example.org/blog/f.jpg"
    assert dated.published_at == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert (undated.title, undated.link, undated.summary) == ("No link", "", "One. Two.")


def test_entries_are_known_by_their_guid_and_the_same_one_counts_once() -> None:
    first, again, other = "<guid>a</guid><title>One</title>", "<guid>a</guid><title>Two</title>", "<title>One</title>"

    assert [entry.title for entry in rss(first, again, other).entries] == ["One", "One"]
    assert rss(first).entries[0].entry_id == rss(again).entries[0].entry_id


def test_dates_that_are_none_and_dates_beyond_time_are_no_dates() -> None:
    dates = ("yesterday", "Wed, 99 Foo 2026", "0000-00-00", "Wed, 25 Nov 99999 10:00:00 GMT")

    answer = rss(*(f"<title>{each}</title><pubDate>{each}</pubDate>" for each in dates))

    assert [entry.published_at for entry in answer.entries] == [None] * len(dates)


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://ada:secret@example.org/", "ftp://x.org/",
     "https://[", "https://example.org:0/", "https://example.org/a b", "https://example.org/<x>"],
)  # fmt: skip
def test_a_link_that_nobody_should_follow_is_left_out(link: str) -> None:
    (entry,) = read(
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"title": "A", "url": link}]})
    ).entries

    assert entry.link == ""


def test_nothing_of_hostile_html_is_left_but_its_words() -> None:
    markup = (
        "<script>alert(1)</script><style>p{}</style><p onclick=x>Read <a href='javascript:x'>this</a>"
        "<img src=x onerror=y><iframe src=z></iframe> &lt;script&gt;</p><!-- remark -->\u202egnorw\x00"
    )
    (entry,) = read(
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"title": "A", "content_html": markup}]})
    ).entries

    assert entry.summary == "Read this <script> gnorw"


def test_a_feed_that_is_not_utf_8_is_read_as_what_it_says_it_is() -> None:
    text = RSS.replace("UTF-8", "iso-8859-1").format(items="<item><title>Fährfahrt</title></item>")

    assert read(text.encode("iso-8859-1")).entries[0].title == "Fährfahrt"
    assert read(text.replace("iso-8859-1", "utf-16").encode("utf-16")).entries[0].title == "Fährfahrt"


def test_a_feed_with_mistakes_in_it_is_read_as_far_as_it_can_be() -> None:
    answer = read("<rss version='2.0'><channel><item><title>Ferries & bridges</title></item><item><title>Cut o")

    assert answer.entries[0].title == "Ferries & bridges"


def test_long_texts_and_long_feeds_are_shortened() -> None:
    answer = rss(*(f"<guid>{each}</guid><title>{'word ' * 99}</title><description>{'more ' * 9999}</description>"
                   for each in range(200)))  # fmt: skip

    assert len(answer.entries) == MOST_ENTRIES
    assert len(answer.entries[0].title) <= LONGEST_TITLE
    assert answer.entries[0].title.endswith("word…")
    assert len(answer.entries[0].summary) <= LONGEST_SUMMARY


def test_of_a_feed_that_begins_with_its_oldest_the_newest_are_read() -> None:
    days = [f"<guid>{day}</guid><title>{day}</title><pubDate>{day}</pubDate>"
            for day in (f"2026-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 28))]  # fmt: skip

    assert rss(*days).entries[0].title == "2026-10-27"


BOMB = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">'
    '<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>'
    "<rss version='2.0'><channel><item><title>&lol3;</title></item></channel></rss>"
)
SECRET = (
    "<!DOCTYPE rss [<!ENTITY secret SYSTEM 'file:///etc/passwd'>]>"
    "<rss version='2.0'><channel><item><title>&secret;</title></item></channel></rss>"
)


@pytest.mark.parametrize("body", [BOMB, SECRET, SECRET.replace("<!ENTITY", "<!  entity")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_neither_opened_nor_multiplied(body: str, encoding: str) -> None:
    answer = read(body.encode(encoding))

    assert answer.outcome is FeedOutcome.FAILED
    assert "declares entities" in answer.problem


def test_what_a_feed_includes_is_not_fetched() -> None:
    included = (
        '<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel>'
        f'<xi:include href="{BLOG}"/><xi:include href="file:///etc/passwd" parse="text"/>'
        '<item><title>A</title><description><xi:include href="/etc/passwd" parse="text"/></description></item>'
        "</channel></rss>"
    )

    (entry,) = read(included).entries
    assert (entry.title, entry.summary) == ("A", "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<!doctype html><html><title>Blog</title><p>Hello", "is a web page and no feed"),
        ("<html><link rel=alternate type='application/rss+xml' href='/feed?a=1&amp;b=2'>",
         "is a web page and no feed; the page names https://www.example.org/feed?a=1&b=2 as its feed"),
        ("<html><link rel=alternate type='application/rss+xml' href='javascript:x'>", "is a web page and no feed"),
        ("<link " * 30_000, "is no feed that we can read (RSS, Atom, JSON Feed)"),
        ("just words", "is no feed that we can read (RSS, Atom, JSON Feed)"),
        ("\x89PNG\r\n\x1a\n\x00\x00", "is no feed that we can read (RSS, Atom, JSON Feed)"),
        ('{"version": 1}', "is JSON, and no JSON Feed: it has no `version` of jsonfeed.org"),
        ("{" * 5, "begins like a JSON Feed, and cannot be read as JSON"),
        ('{"a":' * 200_000, "begins like a JSON Feed, and cannot be read as JSON"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_said_to_be_none(body: str, problem: str) -> None:
    assert read(body, "text/html") == FeedAnswer(FeedOutcome.FAILED, problem=problem)


def test_an_empty_feed_is_a_feed() -> None:
    assert rss() == FeedAnswer(FeedOutcome.READ, (), '"1"', "Sat, 28 Nov 2026 08:00:00 GMT")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(304, FeedOutcome.UNCHANGED), (410, FeedOutcome.GONE), (404, FeedOutcome.FAILED), (500, FeedOutcome.FAILED)],
)
def test_what_a_website_answers_instead(status: int, outcome: FeedOutcome) -> None:
    answer = read("", status=status)

    assert answer.outcome is outcome
    assert ("answers" in answer.problem) == (outcome is FeedOutcome.FAILED)


def test_what_is_known_of_the_last_look_goes_along() -> None:
    asked = []

    def fetch(address: str, **known: str) -> FetchedPage:
        asked.append((address, known))
        return FetchedPage(304, address)

    answer = WebFeeds(fetch).read(BLOG, etag='"1"', modified="Sat")

    assert asked == [(BLOG, {"etag": '"1"', "modified": "Sat"})]
    assert answer == FeedAnswer(FeedOutcome.UNCHANGED, etag='"1"', modified="Sat")


def test_a_website_that_cannot_be_asked_is_an_answer_too() -> None:
    def refuse(message: str, address: str, **known: str) -> FetchedPage:
        raise UnreadFeedError(message)

    answer = WebFeeds(partial(refuse, "did not answer in time")).read(BLOG)

    assert answer == FeedAnswer(FeedOutcome.FAILED, problem="did not answer in time")
