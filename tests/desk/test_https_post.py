"""Requests to endpoints, against servers of our own; the internet is never touched."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from newsletter.desk.adapters.webhooks.https_post import HttpsPost
from newsletter.desk.webhook_ports import DeliveryRequest
from newsletter.web.public_connection import PublicConnections, is_loopback, is_public
from tests.core.fakes import NOW


class Programs(BaseHTTPRequestHandler):
    """Answers what its path says."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        server.seen.append((self.path, self.headers["Host"], self.headers["webhook-id"], body))
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "never":
            server.closing.wait(5)
            return
        if kind == "drip":
            while not server.closing.wait(0.05):
                try:
                    self.wfile.write(b"H")
                except OSError:
                    return
            return
        self.send_response(302 if kind == "to" else int(kind))
        if kind == "to":
            self.send_header("Location", rest)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Any]:
    site: Any = ThreadingHTTPServer(("127.0.0.1", 0), Programs)
    site.seen, site.closing = [], threading.Event()
    threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True).start()
    yield site
    site.closing.set()
    site.shutdown()
    site.server_close()


def at_home(host: str, port: int) -> list[str]:
    """Every name is this machine, except those that stand for machines nobody may ask."""
    return {"inside.test": ["169.254.169.254"], "mixed.test": ["8.8.8.8", "10.0.0.1"]}.get(host, ["127.0.0.1"])


def posting(limit_seconds: float = 5) -> HttpsPost:
    connections = PublicConnections(at_home, allowed=lambda address: is_public(address) or is_loopback(address))
    return HttpsPost("webhooks of the tests", connections, limit_seconds=limit_seconds)


def request(url: str) -> DeliveryRequest:
    return DeliveryRequest(url, {"webhook-id": "evt_1", "Content-Type": "application/json"}, '{"name":"Zoë"}')


def at(server: Any, path: str) -> DeliveryRequest:
    return request(f"http://program.test:{server.server_port}/{path}")


def test_the_event_arrives_as_it_was_signed(server: Any) -> None:
    attempt = posting()(at(server, "204/hook?key=1"), NOW)

    assert (attempt.status, attempt.failure, attempt.at) == (204, "", NOW)
    assert server.seen == [("/204/hook?key=1", f"program.test:{server.server_port}", "evt_1", '{"name":"Zoë"}')]


@pytest.mark.parametrize("path", ["never", "drip"])
def test_a_program_that_never_answers_is_cut_off(server: Any, path: str) -> None:
    attempt = posting(0.3)(at(server, path), NOW)

    assert (attempt.status, attempt.failure) == (0, "did not answer in time")
    assert attempt.milliseconds >= 290


@pytest.mark.parametrize(
    "where",
    ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/", "http://[::1]/", "http://inside.test/"],
)
def test_a_redirect_is_an_answer_and_is_not_followed(server: Any, where: str) -> None:
    assert posting()(at(server, f"to/{where}"), NOW).status == 302
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.test/", "http://mixed.test/", "https://inside.test/", "ftp://program.test/", "https:///hook",
        "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_leads_inward_is_not_asked(url: str) -> None:
    attempt = posting()(request(url), NOW)

    assert (attempt.status, attempt.failure) == (0, "leads into a private network, and was not asked")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "0x7f.1", "2130706433"])
def test_in_aws_not_even_this_machine_is_asked(server: Any, host: str) -> None:
    in_aws = HttpsPost("webhooks of the tests", PublicConnections())

    attempt = in_aws(request(f"http://{host}:{server.server_port}/200"), NOW)

    assert attempt.status == 0
    assert server.seen == []


def test_a_name_that_turns_inward_after_it_was_looked_at_is_not_followed_there(server: Any) -> None:
    looks = iter([["127.0.0.1"], ["169.254.169.254"]])
    connections = PublicConnections(lambda host, port: next(looks), allowed=is_loopback)

    assert HttpsPost("webhooks of the tests", connections)(at(server, "200"), NOW).status == 200
    assert next(looks) == ["169.254.169.254"], "it is looked at once, and the connection goes where the look said"


def test_nobody_there_and_a_name_that_is_none_are_failures_that_say_so() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        assert posting()(request(f"http://program.test:{taken.getsockname()[1]}/"), NOW).failure == "did not answer"
    nowhere = HttpsPost("webhooks of the tests", PublicConnections(unknown))
    assert nowhere(request("https://nobody.test/"), NOW).failure == "has a host that does not exist"


def test_a_server_without_a_certificate_that_anybody_trusts_gets_nothing(server: Any) -> None:
    attempt = posting()(request(f"https://program.test:{server.server_port}/200"), NOW)

    assert attempt.status == 0
    assert server.seen == []
