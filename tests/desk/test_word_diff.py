"""What changed between two versions of a text, by word: laws, and how it reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.desk.drafts.word_diff import ChangedWords, WordChange, word_diff

TEXTS = st.lists(st.sampled_from(["one", "two", "three", " ", "\n", ".", "\r\n"]), max_size=30).map("".join)


@given(TEXTS, TEXTS)
def test_what_is_not_new_is_the_old_text_and_what_is_not_gone_the_new_one(old: str, new: str) -> None:
    found = word_diff(old, new)

    def without(change: WordChange) -> str:
        return "".join(each.text for each in found if each.change is not change)

    assert without(WordChange.COME) == old.replace("\r\n", "\n")
    assert without(WordChange.GONE) == new.replace("\r\n", "\n")


@given(TEXTS)
def test_a_text_differs_in_nothing_from_itself(text: str) -> None:
    assert all(each.change is WordChange.SAME for each in word_diff(text, text))


def test_one_word_of_a_sentence_changes_and_the_others_stay() -> None:
    assert word_diff("The tram is back.", "The train is back.") == (
        ChangedWords(WordChange.SAME, "The "),
        ChangedWords(WordChange.GONE, "tram"),
        ChangedWords(WordChange.COME, "train"),
        ChangedWords(WordChange.SAME, " is back."),
    )
