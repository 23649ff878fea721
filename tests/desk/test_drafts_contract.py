"""What jobs rely on of `Drafts`: held by the bucket, and by the fake that their tests use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from newsletter.desk.adapters.s3_drafts import S3Drafts
from newsletter.desk.draft_ports import Drafts
from newsletter.desk.drafts.draft import Draft, NewVersion
from tests.desk.draft_fakes import MemoryDrafts

SLUG = "2026-11-03-ferries"
KEY = f"issues/{SLUG}.md"

Upload = Callable[[str, bytes], str]
Uploaded = Callable[[str], tuple[bytes, str] | None]


class World:
    """The drafts under test, and the bucket as others see it."""

    def __init__(self, drafts: Drafts, upload: Upload, uploaded: Uploaded) -> None:
        self.drafts = drafts
        self.upload = upload
        self.uploaded = uploaded


@pytest.fixture(params=["memory", "bucket"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        drafts = MemoryDrafts()

        def found(key: str) -> tuple[bytes, str] | None:
            newest = drafts.bucket.newest(key)
            return (newest.body, newest.uploaded_by) if newest else None

        return World(drafts, drafts.bucket.put, found)
    s3: Any = request.getfixturevalue("s3")

    def put(key: str, body: bytes) -> str:
        return str(s3.put_object(Bucket="content", Key=key, Body=body)["VersionId"])

    def get(key: str) -> tuple[bytes, str] | None:
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket="content", Prefix=key).get("Contents", [])]
        if key not in keys:
            return None
        answer = s3.get_object(Bucket="content", Key=key)
        return answer["Body"].read(), answer["Metadata"].get("uploaded-by", "")

    return World(S3Drafts(s3, "content"), put, get)


def written(world: World, text: str, over: Draft | None = None, **more: Any) -> Draft:
    draft = world.drafts.write(NewVersion(SLUG, text, "Ada", **more), over=over)
    assert draft is not None
    return draft


def test_a_draft_is_read_as_it_was_written(world: World) -> None:
    saves = ("5f0c-a=12", "77=1")
    new = NewVersion(SLUG, "Grüße, 世界 👍\n", "Zoë O’Neill, 世界; a=b", upload_version="x.Y_z-1", saves=saves)
    draft = world.drafts.write(new, over=None)
    read = world.drafts.newest(SLUG)

    assert draft is not None
    assert read is not None
    assert (read.text, read.saved_by, read.upload_version, read.saves) == (
        new.text, new.saved_by, new.upload_version, new.saves,
    )  # fmt: skip
    assert (read.version, read.etag) == (draft.version, draft.etag)
    assert read.saved_at is not None
    assert read.saved_at.utcoffset() is not None


def test_what_is_not_there_is_none(world: World) -> None:
    assert world.drafts.newest(SLUG) is None
    assert world.drafts.version_of(SLUG, "nonsense") is None
    assert world.drafts.weight(SLUG, "chart.png") is None
    assert world.drafts.file(SLUG, "chart.png") is None
    assert list(world.drafts.history(SLUG)) == []
    assert list(world.drafts.slugs()) == []


def test_a_version_is_written_over_the_one_that_it_was_made_from_and_no_other(world: World) -> None:
    first = written(world, "first")

    assert world.drafts.write(NewVersion(SLUG, "again", "Ben"), over=None) is None
    second = written(world, "second", first)
    assert world.drafts.write(NewVersion(SLUG, "late", "Ben"), over=first) is None
    newest = world.drafts.newest(SLUG)
    assert newest is not None
    assert (newest.text, newest.version) == ("second", second.version)


def test_over_a_draft_that_was_removed_nothing_is_written_but_a_new_one(world: World) -> None:
    first = written(world, "first")
    world.drafts.remove(SLUG)

    assert world.drafts.newest(SLUG) is None
    assert world.drafts.write(NewVersion(SLUG, "late", "Ben"), over=first) is None
    assert written(world, "new").text == "new"


def test_every_version_is_kept_and_can_be_read(world: World) -> None:
    first = written(world, "first")
    second = written(world, "second", first)
    world.drafts.put_file(SLUG, "chart.png", b"1")
    written_beside = world.drafts.write(NewVersion(f"{SLUG}-2", "another", "Ada"), over=None)

    assert written_beside is not None
    assert [each.version for each in world.drafts.history(SLUG)] == [second.version, first.version]
    assert world.drafts.version_of(SLUG, first.version) == "first"
    assert sorted(world.drafts.slugs()) == [SLUG, f"{SLUG}-2"]


def test_a_file_of_a_draft_comes_before_that_of_the_issue(world: World) -> None:
    world.upload(f"issues/{SLUG}/chart.png", b"old one")
    assert world.drafts.file(SLUG, "chart.png") == b"old one"
    assert world.drafts.weight(SLUG, "chart.png") == 7

    world.drafts.put_file(SLUG, "chart.png", b"new")

    assert world.drafts.file(SLUG, "chart.png") == b"new"
    assert world.drafts.weight(SLUG, "chart.png") == 3


def test_a_draft_is_handed_over_with_its_files_and_the_name_of_who_did_it(world: World) -> None:
    written(world, "text")
    world.drafts.put_file(SLUG, "chart.png", b"picture")
    world.drafts.put_file(f"{SLUG}-2", "chart.png", b"of another")

    version = world.drafts.hand_over(SLUG, "text", uploaded_by="ada@example.org", upload_version="")

    assert version
    assert world.uploaded(KEY) == (b"text", "ada@example.org")
    assert world.uploaded(f"issues/{SLUG}/chart.png") is not None
    assert world.uploaded(f"issues/{SLUG}-2/chart.png") is None
    assert world.drafts.hand_over(SLUG, "more", uploaded_by="ben@example.org", upload_version=version) is not None
    assert world.uploaded(KEY) == (b"more", "ben@example.org")


@pytest.mark.parametrize("known", ["", "another"])
def test_over_an_upload_that_nobody_knew_of_nothing_is_handed_over(world: World, known: str) -> None:
    world.upload(KEY, b"uploaded")

    assert world.drafts.hand_over(SLUG, "text", uploaded_by="ada@example.org", upload_version=known) is None
    assert world.uploaded(KEY) == (b"uploaded", "")


def test_handing_over_again_after_it_was_cut_off_copies_what_is_missing(world: World) -> None:
    world.drafts.put_file(SLUG, "a.png", b"a")
    world.drafts.put_file(SLUG, "b.png", b"b")
    world.upload(f"issues/{SLUG}/a.png", b"a")  # so far it came

    assert world.drafts.hand_over(SLUG, "text", uploaded_by="ada@example.org", upload_version="")
    assert [world.uploaded(f"issues/{SLUG}/{name}.png") is not None for name in "ab"] == [True, True]
