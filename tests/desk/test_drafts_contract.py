"""The shelf of drafts: the one in memory and the one on S3 keep the same promises."""

from __future__ import annotations

import pytest

from newsletter.desk.adapters.s3_drafts import S3Drafts
from newsletter.desk.drafts.draft import MOST_SAVES, DraftNote
from newsletter.desk.drafts.ports import DraftShelf
from tests.desk.fakes import MemoryDrafts
from tests.factories import SLUG

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


def test_the_note_of_a_long_story_fits_beside_the_text(shelf: DraftShelf) -> None:
    note = DraftNote("x" * 190 + "@a.uk", "v" * 100, tuple(f"{n:032}" for n in range(MOST_SAVES)), 100_000)

    written = shelf.put(SLUG, "one\n", note, instead_of=None)

    assert written is not None
    read = shelf.newest(SLUG)
    assert read is not None
    assert read.note == note
