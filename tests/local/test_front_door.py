from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from starlette.testclient import TestClient

from local.front_door import API_PATHS, build, site_headers
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
