"""The shelf of drafts: the one in memory and the one on S3 keep the same promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from newsletter.desk.adapters.s3_drafts import S3Drafts
from newsletter.desk.adapters.s3_uploads import S3Uploads
from newsletter.desk.drafts.draft import MOST_SAVES, DraftNote
from newsletter.desk.drafts.ports import DraftShelf, Uploads
from newsletter.issues.adapters.s3_content import S3Content
from newsletter.issues.ports import ContentStore
from tests.desk.fakes import MemoryDrafts, MemoryUploads
from tests.factories import SLUG
from tests.issues.fakes import MemoryContent

NOTE = DraftNote("Zoë+x <zoë@example.org>", "v-of-upload", ("a 1", "b"), 3)


@pytest.fixture(params=["in memory", "on S3"])
def shelf(request: pytest.FixtureRequest) -> DraftShelf:
    return MemoryDrafts() if request.param == "in memory" else S3Drafts(request.getfixturevalue("s3"), "content")


def test_nothing_is_nothing(shelf: DraftShelf) -> None:
    assert shelf.newest(SLUG) is None
    assert shelf.version(SLUG, "no-such") is None
    assert shelf.version(SLUG, "") is None
    assert shelf.newest("../issues/x") is None
    assert (shelf.versions(SLUG, 10), shelf.slugs()) == ([], [])


def test_what_was_written_is_read_with_what_stands_beside_it(shelf: DraftShelf) -> None:
    written = shelf.put(SLUG, "Größe\n", NOTE, instead_of=None)

    assert written is not None
    assert shelf.newest(SLUG) == written
    assert shelf.version(SLUG, written.version) == written
    assert (written.text, written.note) == ("Größe\n", NOTE)
    assert shelf.slugs() == [SLUG]


def test_only_what_still_stands_there_is_replaced(shelf: DraftShelf) -> None:
    first = shelf.put(SLUG, "one\n", NOTE, instead_of=None)
    assert shelf.put(SLUG, "other\n", NOTE, instead_of=None) is None
    second = shelf.put(SLUG, "two\n", NOTE, instead_of=first)
    assert second is not None

    assert shelf.put(SLUG, "three\n", NOTE, instead_of=first) is None

    assert shelf.newest(SLUG) == second


def test_a_draft_that_was_removed_is_not_written_over_but_anew(shelf: DraftShelf) -> None:
    first = shelf.put(SLUG, "one\n", NOTE, instead_of=None)
    assert first is not None
    shelf.remove(SLUG)
    assert (shelf.newest(SLUG), shelf.slugs()) == (None, [])

    assert shelf.put(SLUG, "two\n", NOTE, instead_of=first) is None
    assert shelf.put(SLUG, "two\n", NOTE, instead_of=None) is not None

    kept = shelf.version(SLUG, first.version)
    assert kept is not None
    assert kept.text == "one\n"


def test_versions_stand_newest_first_with_who_saved_them(shelf: DraftShelf) -> None:
    draft = None
    for number in range(4):
        draft = shelf.put(SLUG, f"{number}\n", DraftNote(f"{number}@example.org", words=number), instead_of=draft)
    other = shelf.put(f"{SLUG}-2", "x\n", NOTE, instead_of=None)
    assert draft is not None
    assert other is not None

    found = shelf.versions(SLUG, 3)

    assert [(each.saved_by, each.words) for each in found] == [(f"{n}@example.org", n) for n in (3, 2, 1)]
    assert found[0].version == draft.version
    assert found[0].saved_at >= found[-1].saved_at


def test_a_version_with_the_text_of_the_one_before_is_no_line_of_the_history(shelf: DraftShelf) -> None:
    first = shelf.put(SLUG, "one\n", NOTE, instead_of=None)
    second = shelf.put(SLUG, "one\n", replace(NOTE, upload_version="v2", saved_by="b"), instead_of=first)
    third = shelf.put(SLUG, "two\n", NOTE, instead_of=second)
    assert first is not None
    assert third is not None

    assert [each.version for each in shelf.versions(SLUG, 9)] == [third.version, first.version]


@dataclass
class Bucket:
    """Where drafts become uploads, and what stands there."""

    uploads: Uploads
    content: ContentStore
    put: Callable[[str, bytes], object]


@pytest.fixture(params=["in memory", "on S3"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    if request.param == "in memory":
        content = MemoryContent()
        return Bucket(MemoryUploads(content), content, content.objects.__setitem__)
    s3: Any = request.getfixturevalue("s3")
    put = lambda key, body: s3.put_object(Bucket="content", Key=key, Body=body)  # noqa: E731
    return Bucket(S3Uploads(s3, "content"), S3Content(s3, "content"), put)


def test_an_upload_is_written_where_none_or_the_expected_one_stands(bucket: Bucket) -> None:
    key = f"issues/{SLUG}.md"
    first = bucket.uploads.hand_in(SLUG, "Größe\n", expected_version="", uploaded_by="zoë@example.org")
    assert first
    assert bucket.content.read(key) == "Größe\n".encode()
    assert bucket.content.uploader(key) == "zoë@example.org"
    newest = bucket.content.newest(key)
    assert newest is not None
    assert (newest.version, newest.uploaded_by) == (first, "zoë@example.org")

    assert bucket.uploads.hand_in(SLUG, "other\n", expected_version="", uploaded_by="b") is None
    second = bucket.uploads.hand_in(SLUG, "two\n", expected_version=first, uploaded_by="b")
    assert second
    assert bucket.uploads.hand_in(SLUG, "three\n", expected_version=first, uploaded_by="b") is None
    assert bucket.uploads.hand_in("2026-12-29-x", "x\n", expected_version=first, uploaded_by="b") is None

    assert bucket.content.read(key) == b"two\n"
    assert bucket.content.uploader("issues/none.md") == ""


def test_what_lies_beside_an_issue_is_copied_beside_another_and_over_nothing(bucket: Bucket) -> None:
    for name in ("a.png", "b c.pdf"):
        bucket.put(f"issues/{SLUG}/{name}", name.encode())
    bucket.put("issues/copy/a.png", b"own")
    bucket.put(f"issues/{SLUG}-2/other.png", b"other")

    bucket.uploads.copy_files(SLUG, to_slug="copy")

    assert bucket.content.read("issues/copy/a.png") == b"own"
    assert bucket.content.read("issues/copy/b c.pdf") == b"b c.pdf"
    assert not bucket.content.stands("issues/copy/other.png")


def test_the_note_of_a_long_story_fits_beside_the_text(shelf: DraftShelf) -> None:
    note = DraftNote("x" * 190 + "@a.uk", "v" * 100, tuple(f"{n:032}" for n in range(MOST_SAVES)), 100_000)

    written = shelf.put(SLUG, "one\n", note, instead_of=None)

    assert written is not None
    read = shelf.newest(SLUG)
    assert read is not None
    assert read.note == note
