"""The site bucket says what changed, and CloudFront forgets exactly that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from newsletter.core.site_file import SiteFile
from newsletter.issues.adapters.cloudfront_cache import FEW, CloudFrontCache, NoCache
from newsletter.issues.adapters.s3_site import S3Site
from newsletter.issues.site_ports import Site
from tests.issues.fakes import MemorySite

PAGE = SiteFile("index.html", b"<p>", "text/html; charset=utf-8", "public, max-age=60")


@pytest.fixture(params=["memory", "s3"])
def site(request: pytest.FixtureRequest) -> Site:
    return MemorySite() if request.param == "memory" else S3Site(request.getfixturevalue("s3"), "site")


def test_a_file_is_written_once_and_again_only_when_it_or_its_headers_differ(site: Site) -> None:
    assert site.read(PAGE.path) is None
    assert site.put(PAGE)
    assert not site.put(PAGE)
    assert site.put(replace(PAGE, body=b"<b>"))
    assert site.read(PAGE.path) == b"<b>"
    assert site.put(replace(PAGE, body=b"<b>", cache_control="public, max-age=300"))


def test_removing_says_whether_there_was_anything(site: Site) -> None:
    site.put(PAGE)

    assert site.remove(PAGE.path)
    assert not site.remove(PAGE.path)
    assert site.read(PAGE.path) is None


def test_a_file_that_somebody_else_put_there_is_written_over(s3: Any) -> None:
    s3.put_object(Bucket="site", Key=PAGE.path, Body=PAGE.body)

    assert S3Site(s3, "site").put(PAGE)


@pytest.fixture
def listed_site(site: Site) -> Site:
    return site.by_listing()


def test_by_its_listing_a_file_is_written_once_and_again_only_when_its_bytes_differ(listed_site: Site) -> None:
    assert listed_site.put(PAGE)
    assert not listed_site.put(PAGE)
    assert not listed_site.by_listing().put(PAGE)
    assert not listed_site.by_listing().put(replace(PAGE, cache_control="public, max-age=300"))
    assert listed_site.by_listing().put(replace(PAGE, body=b"<b>"))
    assert listed_site.read(PAGE.path) == b"<b>"


def test_by_its_listing_a_folder_is_looked_at_once(site: Site) -> None:
    beside, below = replace(PAGE, path="issues/one/index.html"), replace(PAGE, path="issues/one/cy/index.html")
    site.put(beside)
    listed_site = site.by_listing()

    assert not listed_site.put(beside)
    site.put(below)

    assert not site.by_listing().put(below), "whoever looks now sees it"
    assert not listed_site.remove(below.path), "and who looked before does not"
    assert listed_site.remove(beside.path)
    assert not listed_site.remove(beside.path)
    assert site.read(below.path) is not None


def test_where_an_etag_is_no_md5_each_file_is_looked_at(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site = S3Site(s3, "site")
    site.put(PAGE)
    with_kms = site.by_listing()
    monkeypatch.setattr(site, "etags", lambda folder: {PAGE.path: "1d921f1b3b" if not folder else ""})

    assert not with_kms.put(PAGE)
    assert with_kms.put(replace(PAGE, body=b"<b>"))


class CloudFront:
    """Remembers what it was asked."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.asked: list[dict[str, Any]] = []

    def create_invalidation(self, **asked: Any) -> None:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": ""}}, "CreateInvalidation")
        self.asked.append(asked)


def test_a_folder_is_forgotten_under_both_its_names_and_nothing_else_is() -> None:
    client = CloudFront()

    CloudFrontCache(client, "D1").invalidate({"index.html", "issues/one/index.html", "feed.atom"})

    (asked,) = client.asked
    assert asked["DistributionId"] == "D1"
    wanted = ["/", "/feed.atom", "/index.html", "/issues/one/", "/issues/one/index.html"]
    assert asked["InvalidationBatch"]["Paths"] == {"Quantity": 5, "Items": wanted}


def test_the_same_wish_twice_is_two_wishes() -> None:
    client = CloudFront()
    for _ in range(2):
        CloudFrontCache(client, "D1").invalidate({"feed.atom"})

    assert len({asked["InvalidationBatch"]["CallerReference"] for asked in client.asked}) == 2


def test_very_many_files_are_one_path() -> None:
    client = CloudFront()

    CloudFrontCache(client, "D1").invalidate({f"search/{year}.json" for year in range(FEW + 1)})

    assert client.asked[0]["InvalidationBatch"]["Paths"] == {"Quantity": 1, "Items": ["/*"]}


def test_a_busy_cloudfront_stops_nobody_and_a_forbidden_one_is_heard_of() -> None:
    CloudFrontCache(CloudFront("TooManyInvalidationsInProgress"), "D1").invalidate({"feed.atom"})
    with pytest.raises(ClientError):
        CloudFrontCache(CloudFront("AccessDenied"), "D1").invalidate({"feed.atom"})


def test_without_a_distribution_there_is_nothing_to_forget() -> None:
    assert NoCache().invalidate({"index.html"}) is None  # type: ignore[func-returns-value]
