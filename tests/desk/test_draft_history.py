"""The history of a draft: who wrote what when, what changed, and the way back."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.desk.drafts.draft_history import compare_versions, draft_history, restore_version
from newsletter.desk.drafts.save_draft import SavedText, SaveKind, save_draft
from newsletter.desk.drafts.word_diff import ChangedWords, WordChange, word_diff
from newsletter.errors import UnknownVersionError
from newsletter.issues.domain.upload import LARGEST_ISSUE
from tests.desk.fakes import MemoryDrafts
from tests.factories import SLUG


def written(*texts: str) -> tuple[MemoryDrafts, str]:
    shelf, version = MemoryDrafts(), ""
    for text in texts:
        version = save_draft(SLUG, SavedText(text, version), saved_by=f"{text[0]}@example.org", shelf=shelf).version
    return shelf, version


def test_versions_stand_newest_first() -> None:
    shelf, _ = written("a one", "b one two", "c")

    found = draft_history(SLUG, shelf=shelf)

    assert [(each.saved_by[0], each.words, each.saved_at) for each in found] == [
        ("c", 1, shelf.now),
        ("b", 3, shelf.now),
        ("a", 2, shelf.now),
    ]


def test_an_earlier_version_comes_back_and_the_later_one_stays_in_the_history() -> None:
    shelf, newest = written("a one", "b one two")

    result = restore_version(SLUG, "v1", based_on=newest, saved_by="c@example.org", shelf=shelf)

    assert (result.kind, result.text) == (SaveKind.SAVED, "a one\n")
    assert [each.saved_by[0] for each in draft_history(SLUG, shelf=shelf)] == ["c", "b", "a"]


def test_what_somebody_wrote_meanwhile_is_not_undone_by_a_restore() -> None:
    shelf, seen = written("one\n\ntwo", "one!\n\ntwo")
    save_draft(SLUG, SavedText("one!\n\ntwo\n\nthree", seen), saved_by="b@example.org", shelf=shelf)

    result = restore_version(SLUG, "v1", based_on=seen, saved_by="a@example.org", shelf=shelf)

    assert (result.kind, result.text) == (SaveKind.MERGED, "one\n\ntwo\n\nthree\n")


def test_a_version_that_is_not_kept_is_said_to_be() -> None:
    shelf, newest = written("a")
    with pytest.raises(UnknownVersionError, match="choose another"):
        restore_version(SLUG, "v9", based_on=newest, saved_by="a@example.org", shelf=shelf)
    with pytest.raises(UnknownVersionError):
        compare_versions(SLUG, "v9", newest, shelf=shelf)


def test_words_that_changed_are_shown_and_no_letters() -> None:
    shelf, newest = written("The council's old plan.\n\nSame.", "The council's new plan, at last.\n\nSame.\n\nMore.")

    assert compare_versions(SLUG, "v1", newest, shelf=shelf) == (
        ChangedWords(WordChange.SAME, "The council's "),
        ChangedWords(WordChange.GONE, "old"),
        ChangedWords(WordChange.COME, "new"),
        ChangedWords(WordChange.SAME, " plan"),
        ChangedWords(WordChange.COME, ", at last"),
        ChangedWords(WordChange.SAME, ".\n\nSame.\n"),
        ChangedWords(WordChange.COME, "\nMore.\n"),
    )


TEXTS = st.text(st.sampled_from("ab c\n.'"), max_size=60)


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_both_versions_can_be_read_out_of_a_comparison(old: str, new: str) -> None:
    found = word_diff(old, new)

    def read(but: WordChange) -> str:
        return "".join(each.text for each in found if each.change is not but)

    assert (read(WordChange.COME).strip("\n"), read(WordChange.GONE).strip("\n")) == (old.strip("\n"), new.strip("\n"))
    assert all(a.change is not b.change for a, b in zip(found, found[1:], strict=False))
    assert all(each.change is WordChange.SAME for each in word_diff(old, old))


@pytest.mark.parametrize("piece", ["word ", "word\n", "a b, c. ", "\n"])
def test_the_longest_drafts_are_compared_in_seconds(piece: str) -> None:
    text = piece * (LARGEST_ISSUE // len(piece) // 2)
    began = time.process_time()

    found = word_diff(text, re.sub("word", "other", f"{text[:999]}new {text[999:-99]}", count=3))

    assert time.process_time() - began < 5
    assert any(each.change is WordChange.COME for each in found)
