"""`settings/feeds.yaml`: what is taken from it, and what is said about one that cannot be taken."""

from __future__ import annotations

import pytest

from newsletter.errors import InvalidSettingsError
from newsletter.issues.settings.feeds_file import MOST_FEEDS, read_feeds_file

BLOG = "https://www.example.org/feed.xml"


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidSettingsError) as refused:
        read_feeds_file(text.encode())
    return [str(each) for each in refused.value.problems]


def test_each_feed_has_a_name_and_an_address() -> None:
    text = f"feeds:\n  - Our blog {BLOG}\n  - Reports <http://example.org:8080/r.json?a=1>\n  - https://news.example.org/\n"

    assert read_feeds_file(text.encode()) == {
        "Our blog": BLOG,
        "Reports": "http://example.org:8080/r.json?a=1",
        "news.example.org": "https://news.example.org/",
    }


def test_a_single_feed_needs_no_list() -> None:
    assert read_feeds_file(f"feeds: Our blog {BLOG}".encode()) == {"Our blog": BLOG}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("feeds: []", "Line 1: `feeds` is empty. Write its name, then its address"),
        (f"feed: {BLOG}", "Line 1: `feed` is not a name we know."),
        ("feeds: our blog", "Line 1: “our blog” is no feed."),
        ("feeds: javascript:alert(1)", "Line 1: “javascript:alert(1)” is no feed."),
        ("feeds: https://ada:secret@example.org/", "is no feed."),
        ("feeds: https://", "is no feed."),
        ("feeds: 'https://[x'", "is no feed."),
        ("feeds: https://example.org:0/", "is no feed."),
        (f"feeds: {'x' * 61} {BLOG}", "is too long. The name may have 60 characters, the address 500."),
        (f"feeds: https://example.org/{'x' * 500}", "is too long."),
        (f"feeds: [A {BLOG}, B {BLOG}]", f"“B {BLOG}” is there twice."),
        (f"feeds: [A {BLOG}, A https://example.org/]", "“A https://example.org/” is there twice."),
        (f"feeds: [{', '.join(f'https://{each}.example.org/' for each in range(MOST_FEEDS + 1))}]",
         "`feeds` has 9 feeds. 8 are the most. Take one out."),
        ("", "The file says nothing."),
        ("feeds: [", "Line 1: "),
        (f"feeds:\n  - a: {BLOG}", "Line "),
        (f"feeds:\n  blog: {BLOG}", "Line 2: `feeds.blog` is not a name we know. Write `feeds:`, and below it a list."),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_with_its_line(text: str, problem: str) -> None:
    assert any(problem in each for each in problems(text)), problems(text)
