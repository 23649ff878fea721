"""The Python client in front of the functions of the API, over a network that loses what it is told to lose."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest

from fortnightly_client import ApiError, Client
from newsletter.core.team import Role
from tests.factories import SLUG, record, rendered, subscriber
from tests.functions.api_program import Program, function_for, request
from tests.functions.conftest import Deployment


class Network(httpx.BaseTransport):
    """Carries requests to the functions, as API Gateway would."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self.asked: list[httpx.Request] = []
        self.lost_answers = 0
        self.before: list[httpx.Response] = []
        """Answers that something in between gives in place of the functions."""

    def handle_request(self, asked: httpx.Request) -> httpx.Response:
        self.asked.append(asked)
        if self.before:
            return self.before.pop(0)
        event = request(asked.method, asked.url.raw_path.decode(), asked.content, dict(asked.headers))
        result = function_for(asked.method, asked.url.path)(event, self._deployment.context)
        if self.lost_answers:
            self.lost_answers -= 1
            raise httpx.ReadTimeout("no answer came")
        body = result["body"]
        content = base64.b64decode(body) if result["isBase64Encoded"] else body.encode()
        return httpx.Response(result["statusCode"], headers=result["headers"], content=content)


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
