"""The Python client in front of the functions of the API, over a network that loses what it is told to lose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from fortnightly_client import ApiError, Client
from newsletter.core.team import Role
from tests.factories import SLUG, record, rendered, subscriber
from tests.functions.api_network import Network
from tests.functions.api_program import Program
from tests.functions.conftest import Deployment


@pytest.fixture
def network(deployment: Deployment) -> Network:
    return Network(deployment)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(deployment: Deployment, network: Network, waits: list[float]) -> Iterator[Client]:
    written = Program(deployment, {Role.OWNER}).written
    with Client("https://api.example.org/", written, sleep=waits.append, transport=network) as client:
        yield client


def test_somebody_is_added_and_found(client: Client) -> None:
    added = client.add_subscriber({"email": "ann@example.net", "evidence": "Signed at the fair"})
    found = client.find_subscriber({"email": "ann@example.net"})

    assert added["result"] == "on_the_list"
    assert found == {"id": added["id"], "subscriber": True, "suppressed": False}
    shown = client.get_subscriber(added["id"])["subscriber"]
    assert shown is not None
    assert shown["email"] == "ann@example.net"


def test_all_pages_are_gone_through(client: Client, deployment: Deployment) -> None:
    for number in range(1, 8):
        deployment.save(subscriber(number))

    assert len({each["id"] for each in client.each(client.list_subscribers, limit=3)}) == 7
    assert list(client.each(client.list_issues, status="sent")) == []


def test_a_refusal_is_an_error_that_says_why(client: Client, deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.app.content.put_rendered(rendered())
    with pytest.raises(ApiError) as refused:
        client.add_subscriber({"email": "nobody"})

    assert (refused.value.status, refused.value.type) == (422, "urn:fortnightly:problem:invalid")
    assert refused.value.detail
    with pytest.raises(ApiError, match="404"):
        client.get_issue("no-such-issue")
    assert client.hold_issue(SLUG)["outcome"] == "held"


def test_a_lost_answer_is_asked_for_again_under_the_same_name_and_nothing_is_done_twice(
    client: Client, network: Network, deployment: Deployment, waits: list[float]
) -> None:
    network.lost_answers = 2

    assert client.add_subscriber({"email": "ann@example.net"})["result"] == "asked"
    assert len({each.headers["idempotency-key"] for each in network.asked}) == 1
    assert len(network.asked) == 3
    assert len(deployment.queued("greet")) == 1
    assert waits == [1, 1]


def test_what_never_answers_is_given_up(client: Client, network: Network) -> None:
    network.lost_answers = 10
    with pytest.raises(httpx.ReadTimeout):
        client.get_key()
    assert len(network.asked) == 4


def test_it_waits_as_long_as_it_is_asked_to_and_no_longer(client: Client, network: Network, waits: list[float]) -> None:
    network.before = [
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503, headers={"Retry-After": "9000"}),
        httpx.Response(502, text="<!DOCTYPE html>"),
    ]

    assert client.get_key()["name"] == "Website"
    assert waits == [7, 60, 1]


def test_a_page_of_cloudfront_is_an_error_too(client: Client, network: Network) -> None:
    network.before = [httpx.Response(404, text="<!DOCTYPE html>")]
    with pytest.raises(ApiError) as missing:
        client.get_issue("x")
    assert (missing.value.status, missing.value.type) == (404, "")


def test_a_part_of_a_path_stays_one_part(client: Client, network: Network) -> None:
    with pytest.raises(ApiError):
        client.get_issue("../key?x=/")
    assert network.asked[0].url.raw_path == b"/api/v1/issues/..%2Fkey%3Fx%3D%2F"


@pytest.mark.parametrize(
    "url",
    ["http://news.example.org", "http://127.0.0.1.example.org", "news.example.org", "ftp://127.0.0.1", "https://", "",
     "https://ann:secret@news.example.org", "http://127.0.0.1@news.example.org"],
)  # fmt: skip
def test_no_key_goes_where_others_on_the_way_can_read_it(url: str) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        Client(url, "fn_live_a")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080"])
def test_this_machine_may_be_asked_without_tls(url: str) -> None:
    Client(url, "fn_live_a").close()


@pytest.mark.parametrize("key", ["", "fn_live_a\r\nX: y", "fn_live_ä", "fn live"])
def test_what_can_be_no_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ValueError, match="the key is empty, or holds") as refused:
        Client("https://news.example.org", key)
    assert "fn" not in str(refused.value)


def test_the_key_is_not_carried_to_where_a_redirect_leads(client: Client, network: Network) -> None:
    network.before = [httpx.Response(307, headers={"Location": "https://elsewhere.example.org/api/v1/key"})]
    with pytest.raises(ApiError, match="leads to another address"):
        client.get_key()
    assert [each.url.host for each in network.asked] == ["api.example.org"]


def test_a_page_in_place_of_an_answer_is_an_error(client: Client, network: Network) -> None:
    network.before = [httpx.Response(200, text="<!DOCTYPE html>")]
    with pytest.raises(ApiError, match="no answer of the API"):
        client.get_key()


class Answering(BaseHTTPRequestHandler):
    """An API of one answer."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"name": "Website"}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_proxy_is_not_shown_the_key_on_the_way_to_this_very_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    try:
        with Client(f"http://127.0.0.1:{server.server_port}", "fn_live_a", sleep=lambda _: None) as client:
            assert client.get_key()["name"] == "Website"
    finally:
        server.shutdown()
        server.server_close()
