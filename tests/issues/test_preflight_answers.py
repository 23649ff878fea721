"""Asking links, against a server of our own; the internet is never touched."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from newsletter.issues.checking.preflight_answers import MOST, Answer, LinkAnswers


class Pages(BaseHTTPRequestHandler):
    """Says what its path asks for."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.server.seen.append((self.command, self.path, self.headers["User-Agent"]))  # type: ignore[attr-defined]
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "to":
            self.send_response(302)
            self.send_header("Location", rest if "://" in rest else f"/{rest}")
        elif kind == "round":
            self.send_response(301)
            self.send_header("Location", "/round")
        elif kind == "get-only":
            self.send_response(405 if self.command == "HEAD" else 200)
        elif kind == "slow":
            self.server.closing.wait(5)  # type: ignore[attr-defined]
            return
        else:
            self.send_response(int(kind))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    site.seen = []  # type: ignore[attr-defined]
    site.closing = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    yield site
    site.closing.set()  # type: ignore[attr-defined]
    site.shutdown()
    site.server_close()


def at_home(host: str, port: int) -> list[str]:
    """Every name is this machine, except one that stands for a machine nobody may ask."""
    return ["169.254.169.254"] if host == "inside.test" else ["127.0.0.1"]


def asking(**changes: float) -> LinkAnswers:
    return LinkAnswers("link check", resolve=at_home, allowed=lambda address: address == "127.0.0.1", **changes)


def at(server: ThreadingHTTPServer, path: str) -> str:
    return f"http://pages.test:{server.server_port}/{path}"


def test_a_page_says_its_status_and_is_asked_once_by_name(server: ThreadingHTTPServer) -> None:
    answers = asking()([at(server, "200"), at(server, "410"), at(server, "200")])

    assert answers == {at(server, "200"): Answer(200), at(server, "410"): Answer(410)}
    assert server.seen == [("HEAD", "/200", "link check"), ("HEAD", "/410", "link check")]  # type: ignore[attr-defined]


def test_a_server_that_knows_only_get_is_asked_again(server: ThreadingHTTPServer) -> None:
    assert asking()([at(server, "get-only")]) == {at(server, "get-only"): Answer(200)}


def test_redirects_are_followed_to_an_end(server: ThreadingHTTPServer) -> None:
    assert asking()([at(server, "to/to/200")])[at(server, "to/to/200")] == Answer(200)
    assert "redirects" in asking()([at(server, "round")])[at(server, "round")].failure


@pytest.mark.parametrize(
    "path", ["to/http://inside.test/latest/meta-data/", "to/file:///etc/passwd", "to/ftp://pages.test/"]
)
def test_a_redirect_to_where_we_must_not_go_ends_there(server: ThreadingHTTPServer, path: str) -> None:
    assert asking()([at(server, path)]) == {at(server, path): Answer(private=True)}


def test_a_private_address_is_never_connected_to(server: ThreadingHTTPServer) -> None:
    guarded = LinkAnswers("link check", resolve=lambda host, port: ["8.8.8.8", "127.0.0.1"])

    assert guarded([at(server, "200")]) == {at(server, "200"): Answer(private=True)}
    assert server.seen == []  # type: ignore[attr-defined]


def test_a_page_that_takes_too_long_did_not_answer(server: ThreadingHTTPServer) -> None:
    assert asking(call_seconds=0.2)([at(server, "slow")]) == {
        at(server, "slow"): Answer(failure="did not answer in time")
    }


def test_when_the_time_is_over_the_rest_is_not_asked(server: ThreadingHTTPServer) -> None:
    assert asking(seconds=0.0)([at(server, "200")]) == {}


def test_not_more_than_so_many_are_asked(server: ThreadingHTTPServer) -> None:
    assert len(asking()([at(server, f"200/{number}") for number in range(MOST + 20)])) == MOST


def test_nobody_there_is_an_answer_too() -> None:
    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        address = f"http://pages.test:{taken.getsockname()[1]}/"
        assert asking()([address]) == {address: Answer(failure="did not answer")}


def test_a_name_that_does_not_exist_is_an_answer_too() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    answers = LinkAnswers("link check", resolve=unknown)(["https://nobody.test/", "https://xn--\u00fc.test/"])
    assert answers["https://nobody.test/"].failure == "has a host that does not exist"
