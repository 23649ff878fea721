"""Fetching feeds from a website of our own; the internet is never touched."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from newsletter.desk.adapters.feeds.feed_pages import LARGEST_FEED, FeedPages, UnreadFeedError
from newsletter.web.public_connection import allowed_for, is_public
from tests.desk.feed_site import ETAG, FeedSite, feed_site

INSIDE = "inside.test"


@pytest.fixture(scope="module")
def website() -> Iterator[FeedSite]:
    with feed_site() as site:
        yield site


def at_home(host: str, port: int) -> list[str]:
    """Every name is this machine, except one that stands for a machine nobody may ask."""
    return ["169.254.169.254"] if host == INSIDE else ["127.0.0.1"]


def pages(seconds: float = 10.0) -> FeedPages:
    return FeedPages("feeds", resolve=at_home, allowed=lambda address: address == "127.0.0.1", seconds=seconds)


def test_a_feed_is_fetched_with_what_the_next_look_needs(website: FeedSite) -> None:
    page = pages().fetch(website.at("feed.xml", "www.test"))

    assert (page.status, page.body, page.etag) == (200, website.feed, ETAG)
    headers = website.asked[-1][1]
    assert (headers["user-agent"], headers["host"]) == ("feeds", f"www.test:{website.server_port}")
    assert "if-none-match" not in headers


def test_nothing_comes_where_nothing_is_different(website: FeedSite) -> None:
    page = pages().fetch(website.at("feed.xml"), etag=ETAG, modified="Sat, 28 Nov 2026 08:00:00 GMT")

    assert (page.status, page.body) == (304, b"")
    assert website.asked[-1][1]["if-modified-since"] == "Sat, 28 Nov 2026 08:00:00 GMT"


def test_an_etag_that_would_begin_another_header_is_not_sent(website: FeedSite) -> None:
    assert pages().fetch(website.at("feed.xml"), etag=f"{ETAG}\r\nX-Evil: yes").status == 200

    assert not {"if-none-match", "x-evil"} & website.asked[-1][1].keys()


def test_redirects_are_followed_to_an_end(website: FeedSite) -> None:
    page = pages().fetch(website.at("to/to/feed.xml"))

    assert (page.body, page.address) == (website.feed, website.at("feed.xml"))
    with pytest.raises(UnreadFeedError, match="redirects more than 5 times"):
        pages().fetch(website.at("round"))


@pytest.mark.parametrize(
    "address", [f"to/http://{INSIDE}/latest/meta-data/", "to/file:///etc/passwd", "to/ftp://www.test/feed.xml"]
)
def test_a_redirect_inward_ends_there(website: FeedSite, address: str) -> None:
    with pytest.raises(UnreadFeedError, match="leads into a private network"):
        pages().fetch(website.at(address))


@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "[::1]", "localhost", "0", "2130706433"])
def test_an_address_within_a_private_network_is_never_asked(website: FeedSite, host: str) -> None:
    before = len(website.asked)

    with pytest.raises(UnreadFeedError, match="leads into a private network"):
        FeedPages("feeds").fetch(website.at("feed.xml", host))

    assert len(website.asked) == before


def test_a_newsletter_on_a_laptop_may_ask_the_laptop_and_no_other_may() -> None:
    assert allowed_for("https://briefing.example.org") is is_public
    assert allowed_for("http://127.0.0.1.example.org/") is is_public
    on_a_laptop = allowed_for("http://127.0.0.1:8080")
    assert [on_a_laptop(address) for address in ("127.0.0.1", "::1", "8.8.8.8", "10.0.0.1")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_packed_feed_is_unpacked(website: FeedSite) -> None:
    assert pages().fetch(website.at("gzip")).body == website.feed


@pytest.mark.parametrize("path", ["large", "bomb"])
def test_a_feed_of_any_size_is_read_as_far_as_two_megabytes(website: FeedSite, path: str) -> None:
    with pytest.raises(UnreadFeedError, match="has more than 2 MB"):
        pages().fetch(website.at(path))
    assert LARGEST_FEED == 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("broken", "is packed in a way that cannot be opened"),
        ("cut", "ended in the middle"),
        ("odd", "is packed in a way that nobody asked for"),
    ],
)
def test_what_is_packed_badly_is_said_to_be(website: FeedSite, path: str, problem: str) -> None:
    with pytest.raises(UnreadFeedError, match=problem):
        pages().fetch(website.at(path))


@pytest.mark.parametrize("path", ["slow", "drip", "drip-head", "to/slow"])
def test_a_website_that_takes_its_time_is_cut_off(website: FeedSite, path: str) -> None:
    with pytest.raises(UnreadFeedError, match="did not answer in time"):
        pages(seconds=0.3).fetch(website.at(path))


def test_other_answers_are_answers(website: FeedSite) -> None:
    assert [pages().fetch(website.at(path)).status for path in ("410", "404", "500")] == [410, 404, 500]


def test_nobody_there() -> None:
    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(UnreadFeedError, match="did not answer, or ended in the middle"):
            pages().fetch(f"http://www.test:{taken.getsockname()[1]}/")

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(UnreadFeedError, match="has a host that does not exist"):
        FeedPages("feeds", resolve=unknown).fetch("https://nobody.test/")
