"""Whoever writes a feed wants to reach readers, the account, or the text of an issue.

Before: nothing of ours read a feed. An issue that begins with one carries what others wrote into an email, and whoever
fetches it asks an address that a setting names, or that a website redirects to.

Now: a function that holds nothing at all fetches and reads feeds, from the open internet alone. What it answers is
taken only where it has the shape of entries, and becomes text that means nothing but itself.
"""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from local.documents.blast_radius import reach
from newsletter.desk.adapters.feeds.feed_function import UNREAD, FeedFunction, answer_of, read_question
from newsletter.desk.adapters.feeds.feed_markdown import FeedMarkdown
from newsletter.desk.drafts.issue_fields import split
from newsletter.desk.drafts.open_draft import first_text
from newsletter.desk.feeds.feed import LONGEST_SUMMARY, LONGEST_TITLE, MOST_ENTRIES, FeedAnswer, FeedEntry, FeedOutcome
from newsletter.errors import MalformedMessageError
from newsletter.issues.writing.front_matter import parse_issue
from tests.issues.rendering_samples import TEMPLATES, rendered

BLOG = "https://www.example.org/feed.xml"
ENTRY = {
    "entry_id": "0123456789abcdef", "title": "Ferries", "link": "https://www.example.org/ferries",
    "summary": "Two boats.", "picture": "", "published_at": "2026-11-25T09:00:00+00:00",
}  # fmt: skip
GOOD = {"outcome": "read", "entries": [ENTRY], "etag": '"1"', "modified": "", "problem": ""}
READ = FeedEntry(
    "0123456789abcdef", "Ferries", "https://www.example.org/ferries", "Two boats.",
    published_at=datetime(2026, 11, 25, 9, tzinfo=UTC),
)  # fmt: skip


def test_what_reads_feeds_holds_nothing() -> None:
    assert reach()["read_feed"] == {}


def test_what_makes_drafts_of_them_reads_no_reader_and_hands_nothing_in() -> None:
    held = reach()["schedule"]
    assert not any("Subscribers" in thing or "Suppressions" in thing or "Key" in thing for thing in held)
    assert {thing for thing in held if thing.startswith("ContentBucket/") and "s3:PutObject" in held[thing]} == {
        "ContentBucket/drafts/*.md"
    }


class Answers:
    """Lambda, with one answer for everybody."""

    def __init__(self, said: Any, **more: str) -> None:
        self.payload = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.more = more
        self.asked: list[dict[str, Any]] = []

    def invoke(self, **asked: Any) -> Any:
        self.asked.append(asked)
        return {"Payload": io.BytesIO(self.payload), **self.more}


class Silent:
    """Lambda that does not answer in time."""

    def invoke(self, **_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="https://lambda")


def ask(lambda_client: Any) -> FeedAnswer:
    return FeedFunction(lambda_client, "fortnightly-read_feed").read(BLOG, etag='"0"')


def test_a_feed_is_asked_for_by_its_address_and_what_it_says_comes_back() -> None:
    answers = Answers(GOOD)

    assert ask(answers) == FeedAnswer(FeedOutcome.READ, (READ,), '"1"')
    question = json.loads(answers.asked[0]["Payload"])
    assert answers.asked[0]["FunctionName"] == "fortnightly-read_feed"
    assert read_question(question) == (BLOG, '"0"', "")
    assert ask(Answers(answer_of(FeedAnswer(FeedOutcome.READ, (READ,), '"1"')))) == ask(Answers(GOOD))
    gone = FeedAnswer(FeedOutcome.GONE)
    assert ask(Answers(answer_of(gone))) == gone


def test_a_parser_that_dies_is_a_feed_that_could_not_be_read() -> None:
    assert ask(Answers({"errorMessage": "Task timed out"}, FunctionError="Unhandled")) == UNREAD
    assert ask(Silent()) == UNREAD


@pytest.mark.parametrize(
    "said",
    [
        b"not JSON", [], {}, GOOD | {"outcome": "sent"}, GOOD | {"entries": "all"}, GOOD | {"etag": 5},
        {name: value for name, value in GOOD.items() if name != "problem"},
    ],
)  # fmt: skip
def test_an_answer_without_the_shape_of_one_is_none(said: Any) -> None:
    assert ask(Answers(said)) == UNREAD


@pytest.mark.parametrize(
    "changed",
    [{"entry_id": "../x"}, {"entry_id": 5}, {"title": ""}, {"title": "\u202e"}, {"title": ["x"]}, {"summary": None}],
)
def test_an_entry_without_the_shape_of_one_is_left_out(changed: dict[str, Any]) -> None:
    assert ask(Answers(GOOD | {"entries": [ENTRY | changed, "text", ENTRY]})).entries == (READ,)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://x.org/a b", "https://x.org/<b>", f"http://{'x' * 3000}"]
)
def test_an_address_that_nobody_should_follow_is_left_out(link: str) -> None:
    (entry,) = ask(Answers(GOOD | {"entries": [ENTRY | {"link": link, "picture": link}]})).entries

    assert (entry.link, entry.picture) == ("", "")


def test_nothing_comes_back_longer_than_it_may_be() -> None:
    long = ENTRY | {"title": "x" * 10_000, "summary": "y\n" * 10_000}
    answer = ask(Answers(GOOD | {"entries": [long] * 1000, "etag": "z" * 10_000, "problem": "p" * 10_000}))

    assert len(answer.entries) == MOST_ENTRIES
    assert len(answer.entries[0].title) == LONGEST_TITLE
    assert len(answer.entries[0].summary) <= LONGEST_SUMMARY
    assert "\n" not in answer.entries[0].summary
    assert (answer.etag, len(answer.problem)) == ("", 400)


@pytest.mark.parametrize("event", [{}, {"address": BLOG}, {"address": 5, "etag": "", "modified": ""}])
def test_the_parser_is_asked_about_feeds_alone(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessageError):
        read_question(event)


AUTOMATIC = ("https://tracker.example.net", "https://a.org", "https://evil.example.net")
"""Addresses that stand in a text as themselves, and which every text of ours links as what they are."""

HOSTILE = (
    "{{ name | x }} { { name }}", "{{email_html}}", "{% include 'a' %}", "<script>alert(1)</script>",
    "[here](javascript:alert(1))", "![x](https://tracker.example.net/p.gif)", "*bold* _thin_ `code` ~~gone~~",
    "# heading", "> quote", ">quote", "> [!FIGURE]", "- item", "+ item", "1. item", "---", "===", "| a | b |", "^1^",
    "[^1]: note", "\\", "\\{{ name }}", "a\\", "&lt;b&gt; &amp;", "<!-- remark", "status: ready", "[x]: https://a.org",
    "]( https://evil.example.net", "](https://evil.example.net)[", "{.class #id}", "$$x$$", ":::", "```",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_feed_shows_itself_and_means_nothing_else(text: str) -> None:
    entry = FeedEntry("0" * 16, text, "https://www.example.org/a_(b)*c", text, "https://www.example.org/p(1).png")
    below = FeedMarkdown(TEMPLATES.say).text([entry], more=0)
    file_text = first_text("What is new", date(2026, 12, 1), b"Hello,\n", status_word="draft", below=below)
    assert split(file_text)[0] == "title: What is new\ndate: 2026-12-01\nstatus: draft"
    issue = parse_issue("2026-12-01-what-is-new", file_text.encode())
    assert not issue.ready

    shown = rendered(issue.body)

    blocks = re.findall(r"<(h2|p)\b[^>]*>(.*?)</\1>", shown.web_html, re.DOTALL)
    words = [(tag, unescape(re.sub(r"<[^>]*>", "", inner)).strip()) for tag, inner in blocks]
    assert words == [("p", "Hello,"), ("h2", text), ("p", text), ("p", "Picture")]
    others = set(re.findall(r"<([a-z0-9]+)", shown.web_html)) - {"h2", "p", "a", "time"}
    assert others == set()
    links = re.findall(r'href="([^"]*)"', shown.web_html)
    assert [unescape(link) for link in links if not link.startswith(AUTOMATIC)] == [
        "https://www.example.org/a_%28b%29*c", "https://www.example.org/p%281%29.png",
    ]  # fmt: skip
    assert shown.name_fallbacks == ()
