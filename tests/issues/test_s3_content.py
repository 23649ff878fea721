"""The content bucket: versions, problems beside the file, renderings by hash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from newsletter.core.site_file import SiteFile
from newsletter.errors import MissingRenderingError
from newsletter.issues.adapters.s3_content import RESTORED, S3Content
from newsletter.issues.adapters.s3_site import S3Site
from newsletter.issues.domain.upload import largest
from tests.factories import SLUG, rendered
from tests.issues.fakes import MemoryContent

KEY = f"issues/{SLUG}.md"


def test_what_stands_now_is_read_whatever_version_an_event_speaks_of(s3: Any) -> None:
    s3.put_object(Bucket="content", Key=KEY, Body=b"first")
    s3.put_object(Bucket="content", Key=KEY, Body=b"second")
    content = S3Content(s3, "content")

    assert content.read(KEY) == b"second"
    s3.delete_object(Bucket="content", Key=KEY)
    assert content.read(KEY) is None


def test_a_draft_is_written_where_nothing_stands_and_never_over_anything(s3: Any) -> None:
    content = S3Content(s3, "content")

    assert content.add(KEY, b"draft")
    assert not content.add(KEY, b"another")
    assert content.read(KEY) == b"draft"


@pytest.mark.parametrize("bucket", ["in memory", "on S3"])
def test_the_files_of_an_issue_are_its_own_and_those_of_its_folder(s3: Any, bucket: str) -> None:
    own = ("issues/one.cy.md", "issues/one.md", "issues/one/chart.png", "issues/one/deep/er.pdf")
    others = ("issues/on.md", "issues/one more.md", "issues/one-more.md", "issues/one-more/a.png", "issues/one2.md")
    memory = MemoryContent()
    for key in (*own, *others, "issues/onerous/a.png", "settings/one.md"):
        s3.put_object(Bucket="content", Key=key, Body=b"before")
        memory.objects[key] = b"before"
    content = memory if bucket == "in memory" else S3Content(s3, "content")

    before = content.files_of("one")
    assert sorted(before) == sorted(own)
    s3.put_object(Bucket="content", Key=own[0], Body=b"after")
    memory.objects[own[0]] = b"after"
    assert {key for key, mark in content.files_of("one").items() if mark != before[key]} == {own[0]}
    assert content.files_of("nobody") == {}


@pytest.mark.parametrize("key", [KEY, f"issues/{SLUG}/chart.png"])
def test_of_a_file_that_is_too_large_no_more_is_read_than_shows_it(s3: Any, key: str) -> None:
    s3.put_object(Bucket="content", Key=key, Body=b"x" * (largest(key) + 5_000_000))

    found = S3Content(s3, "content").newest(key)

    assert found is not None
    assert len(found.body) == largest(key) + 1


def test_a_name_that_s3_cannot_hold_is_the_name_of_nothing(s3: Any) -> None:
    content = S3Content(s3, "content")
    key = f"issues/{SLUG}/{'é' * 600}.png"

    with Stubber(s3):  # S3 answers such a question with an error; nobody may ask it
        assert not content.stands(key)
        assert content.read(key) is None


def test_the_mark_of_a_restore_counts_for_the_file_it_was_put_on_and_for_no_later_copy(s3: Any) -> None:
    content, now = S3Content(s3, "content"), datetime.now(UTC)
    s3.put_object(Bucket="content", Key=KEY, Body=b"x", Metadata={RESTORED: str(int(now.timestamp()))})
    old = str(int((now - timedelta(days=3)).timestamp()))
    s3.put_object(Bucket="content", Key="issues/copied.md", Body=b"x", Metadata={RESTORED: old})
    s3.put_object(Bucket="content", Key="issues/uploaded.md", Body=b"x")
    s3.put_object(Bucket="content", Key="issues/odd.md", Body=b"x", Metadata={RESTORED: "yesterday"})

    assert content.is_restored(KEY)
    others = ("issues/copied.md", "issues/uploaded.md", "issues/odd.md", "issues/none.md", f"issues/{'é' * 600}.md")
    assert not any(content.is_restored(key) for key in others)


def test_problems_stand_beside_the_file_until_they_are_mended(s3: Any) -> None:
    content = S3Content(s3, "content")

    content.put_problems(KEY, "There is no title.", version="v1")
    assert content.problems_of(KEY) == "v1"
    assert content.read(f"issues/{SLUG}.problems.txt") == b"There is no title."
    content.clear_problems(KEY)
    content.clear_problems(KEY)
    assert content.read(f"issues/{SLUG}.problems.txt") is None


def test_the_result_of_the_preflight_stands_beside_the_file_until_it_is_cleared(s3: Any) -> None:
    content = S3Content(s3, "content")

    content.put_preflight(KEY, '{"version": 1}')
    assert content.read(f"issues/{SLUG}.preflight.json") == b'{"version": 1}'
    assert content.read(f"issues/{SLUG}.problems.txt") is None
    content.clear_preflight(KEY)
    content.clear_preflight(KEY)
    assert content.read(f"issues/{SLUG}.preflight.json") is None


def test_a_rendered_issue_comes_back_as_it_was_and_is_fetched_once(s3: Any) -> None:
    content = S3Content(s3, "content")
    content.put_rendered(rendered())

    assert content.rendered(SLUG, "a" * 64) == rendered()
    s3.delete_object(Bucket="content", Key=f"rendered/{SLUG}/{'a' * 64}.json")
    assert content.rendered(SLUG, "a" * 64) == rendered()


def test_a_rendered_issue_that_somebody_deleted_is_said_to_be_gone_and_how_it_comes_back(s3: Any) -> None:
    with pytest.raises(MissingRenderingError, match=rf"{SLUG} is not in the bucket any more; upload its file again"):
        S3Content(s3, "content").rendered(SLUG, "a" * 64)


def test_a_page_keeps_its_headers(s3: Any) -> None:
    site = S3Site(s3, "site")
    site.put(SiteFile("index.html", b"<p>", "text/html; charset=utf-8", "public, max-age=60"))

    stored = s3.get_object(Bucket="site", Key="index.html")
    assert (stored["ContentType"], stored["CacheControl"]) == ("text/html; charset=utf-8", "public, max-age=60")
    site.remove("index.html")
    site.remove("index.html")


def test_a_file_is_read_with_its_version_and_every_version_stays_readable(s3: Any) -> None:
    content = S3Content(s3, "content")
    assert content.newest(KEY) is None
    assert content.problems_of(KEY) == ""
    s3.put_object(Bucket="content", Key=KEY, Body=b"first")
    first = content.newest(KEY)
    s3.put_object(Bucket="content", Key=KEY, Body=b"second")
    second = content.newest(KEY)

    assert first is not None
    assert second is not None
    assert (first.body, second.body) == (b"first", b"second")
    content.remove(KEY)
    assert content.read(KEY) is None
    assert content.version(KEY, first.version) == b"first"
    s3.delete_object(Bucket="content", Key=KEY, VersionId=first.version)
    assert content.version(KEY, first.version) is None
