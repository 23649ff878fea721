from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from moto import mock_aws
from starlette.testclient import TestClient

from local.front_door import API_PATHS, BUSY, build, site_headers
from local.package import read_template

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "site"
UNREACHABLE = "http://127.0.0.1:1"
OWN = "http://127.0.0.1"


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def door(s3: Any) -> Iterator[TestClient]:
    app = build(api_url=UNREACHABLE, inbox_origin=UNREACHABLE, site_bucket=BUCKET, s3=s3)
    with TestClient(app, base_url=OWN) as client:
        yield client


def put(s3: Any, key: str, body: str, content_type: str = "text/html; charset=utf-8") -> None:
    s3.put_object(
        Bucket=BUCKET,
        Key=key,
        Body=body.encode(),
        ContentType=content_type,
        CacheControl="public, max-age=300",
    )


@contextmanager
def answering(status: int) -> Iterator[str]:
    """Yield the address of an API that answers everything with this status."""

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"said by the API")

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_file_has_the_headers_that_cloudfront_adds(s3: Any) -> None:
    headers = site_headers(read_template(ROOT / "template.yaml"))
    put(s3, "index.html", "<h1>Here</h1>")

    app = build(api_url=UNREACHABLE, inbox_origin=UNREACHABLE, site_bucket=BUCKET, s3=s3, added=headers)
    with TestClient(app, base_url=OWN) as door:
        for answer in (door.get("/"), door.get("/nothing-here")):
            assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
            assert all(answer.headers[name] == value for name, value in headers.items())


@pytest.mark.parametrize(("path", "key"), [("/", "index.html"), ("/issues/one/", "issues/one/index.html")])
def test_a_folder_is_its_index(door: TestClient, s3: Any, path: str, key: str) -> None:
    put(s3, key, "<h1>Here</h1>")

    answer = door.get(path)

    assert (answer.status_code, answer.text) == (200, "<h1>Here</h1>")


def test_type_and_caching_are_those_of_the_object(door: TestClient, s3: Any) -> None:
    put(s3, "feed.atom", "<feed/>", "application/atom+xml; charset=utf-8")

    headers = door.get("/feed.atom").headers

    assert headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert headers["cache-control"] == "public, max-age=300"


def test_a_missing_page_shows_the_not_found_page(door: TestClient, s3: Any) -> None:
    put(s3, "404.html", "<h1>Not here</h1>")

    answer = door.get("/issues/none/")

    assert (answer.status_code, answer.text) == (404, "<h1>Not here</h1>")


def test_head_says_the_same_without_a_body(door: TestClient, s3: Any) -> None:
    put(s3, "index.html", "<h1>Here</h1>")

    answer = door.head("/")

    assert (answer.status_code, answer.headers["content-length"], answer.text) == (200, "13", "")


def test_a_page_the_reader_has_already_is_not_sent_again(door: TestClient, s3: Any) -> None:
    put(s3, "index.html", "<h1>Here</h1>")

    answer = door.get("/", headers={"If-None-Match": door.get("/").headers["etag"]})

    assert (answer.status_code, answer.text) == (304, "")


@pytest.mark.parametrize(
    ("asked", "content_range", "body"),
    [
        ("bytes=0-3", "bytes 0-3/10", "0123"),
        ("bytes=4-", "bytes 4-9/10", "456789"),
        ("bytes=8-99", "bytes 8-9/10", "89"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-99", "bytes 0-9/10", "0123456789"),
    ],
)
def test_a_player_gets_the_part_of_a_file_that_it_asks_for(
    door: TestClient, s3: Any, asked: str, content_range: str, body: str
) -> None:
    put(s3, "issues/one/talk.mp3", "0123456789", "audio/mpeg")

    answer = door.get("/issues/one/talk.mp3", headers={"Range": asked})
    head = door.head("/issues/one/talk.mp3", headers={"Range": asked})

    assert (answer.status_code, answer.headers["content-range"], answer.text) == (206, content_range, body)
    assert (answer.headers["content-type"], answer.headers["content-length"]) == ("audio/mpeg", str(len(body)))
    assert (head.status_code, head.headers["content-length"], head.text) == (206, str(len(body)), "")


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_part_that_a_file_does_not_have_is_refused(door: TestClient, s3: Any, asked: str) -> None:
    put(s3, "issues/one/talk.mp3", "0123456789", "audio/mpeg")

    answer = door.get("/issues/one/talk.mp3", headers={"Range": asked})

    assert (answer.status_code, answer.headers["content-range"], answer.text) == (416, "bytes */10", "")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Range": "bytes=0-1,4-5"},
        {"Range": "bytes=5-2"},
        {"Range": "bytes=-"},
        {"Range": "lines=1-2"},
        {"Range": f"bytes={'9' * 5000}-"},
        {"Range": "bytes=0-1", "If-Range": '"of an older version"'},
    ],
)
def test_whoever_asks_for_no_single_part_gets_the_whole_file(
    door: TestClient, s3: Any, headers: dict[str, str]
) -> None:
    put(s3, "issues/one/talk.mp3", "0123456789", "audio/mpeg")

    answer = door.get("/issues/one/talk.mp3", headers=headers)

    assert (answer.status_code, answer.text) == (200, "0123456789")
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-range" not in answer.headers


def test_a_part_of_the_version_that_a_player_has_is_given(door: TestClient, s3: Any) -> None:
    put(s3, "issues/one/talk.mp3", "0123456789", "audio/mpeg")
    etag = door.head("/issues/one/talk.mp3").headers["etag"]

    answer = door.get("/issues/one/talk.mp3", headers={"Range": "bytes=2-3", "If-Range": etag})

    assert (answer.status_code, answer.text) == (206, "23")


def test_a_page_that_is_not_there_has_no_parts(door: TestClient, s3: Any) -> None:
    put(s3, "404.html", "<h1>Not here</h1>")

    answer = door.get("/issues/none/", headers={"Range": "bytes=0-3"})

    assert (answer.status_code, answer.text) == (404, "<h1>Not here</h1>")


def test_the_archive_takes_no_uploads(door: TestClient) -> None:
    assert door.post("/index.html").status_code == 405


def test_an_api_that_does_not_answer_is_named_as_such(door: TestClient) -> None:
    assert door.post("/subscriptions", data={"email": "ada@example.org"}).status_code == 502


def test_the_api_paths_are_those_cloudfront_passes_on() -> None:
    distribution = read_template(ROOT / "template.yaml")["Resources"]["Distribution"]["Properties"]
    behaviours = distribution["DistributionConfig"]["CacheBehaviors"]

    assert sorted(API_PATHS) == sorted(behaviour["PathPattern"] for behaviour in behaviours)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/issues/one", "/issues/one/"),
        ("/search?q=a%20b", "/search/?q=a%20b"),
        ("//evil.example/a", "/evil.example/a/"),
    ],
)
def test_an_address_without_its_slash_finds_its_page_and_no_other_host(
    door: TestClient, path: str, location: str
) -> None:
    answer = door.get(f"{OWN}{path}", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (301, location)


@pytest.mark.parametrize("status", sorted(BUSY))
def test_an_api_that_is_busy_shows_the_page_of_the_archive(s3: Any, status: int) -> None:
    put(s3, "busy.html", "<h1>Please try again in a minute</h1>")
    with answering(status) as api:
        app = build(api_url=api, inbox_origin=UNREACHABLE, site_bucket=BUCKET, s3=s3)
        with TestClient(app, base_url=OWN) as door:
            answer = door.post("/subscriptions", data={"email": "ada@example.org"})

    assert (answer.status_code, answer.text) == (status, "<h1>Please try again in a minute</h1>")


def test_an_api_that_does_not_answer_shows_it_too(door: TestClient, s3: Any) -> None:
    put(s3, "busy.html", "<h1>Please try again in a minute</h1>")

    answer = door.post("/subscriptions", data={"email": "ada@example.org"})

    assert (answer.status_code, answer.text) == (502, "<h1>Please try again in a minute</h1>")


def test_whoever_waits_too_long_for_their_turn_is_asked_to_try_again(s3: Any) -> None:
    put(s3, "busy.html", "<h1>Please try again in a minute</h1>")
    app = build(api_url=UNREACHABLE, inbox_origin=UNREACHABLE, site_bucket=BUCKET, s3=s3, at_once=0, patience=0.0)
    with TestClient(app, base_url=OWN) as door:
        answer = door.post("/subscriptions")

    assert (answer.status_code, answer.text) == (503, "<h1>Please try again in a minute</h1>")


def test_what_the_api_says_of_a_mistake_is_passed_on(s3: Any) -> None:
    put(s3, "busy.html", "<h1>Please try again in a minute</h1>")
    with answering(422) as api:
        app = build(api_url=api, inbox_origin=UNREACHABLE, site_bucket=BUCKET, s3=s3)
        with TestClient(app, base_url=OWN) as door:
            assert door.post("/subscriptions").text == "said by the API"


def test_the_codes_that_are_replaced_are_those_of_the_distribution() -> None:
    distribution = read_template(ROOT / "template.yaml")["Resources"]["Distribution"]["Properties"]
    replaced = distribution["DistributionConfig"]["CustomErrorResponses"]

    assert {each["ErrorCode"] for each in replaced if each["ResponsePagePath"] == "/busy.html"} == BUSY
    assert all(each["ErrorCode"] == each["ResponseCode"] for each in replaced)
    assert all(not each["ErrorCachingMinTTL"] for each in replaced if each["ErrorCode"] in BUSY)
