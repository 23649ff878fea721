"""Two people's changes of one text: what holds whatever they typed."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.desk.drafts.merge import Merged, merge

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "", "  "]), max_size=8)
TEXTS = st.builds(lambda lines, ending: "\n".join(lines) + ending, LINES, st.sampled_from(["", "\n"]))
"""Few words and many of them: lines that look the same are what merging stumbles over."""


@given(TEXTS, TEXTS)
def test_where_one_changed_nothing_what_the_other_typed_stands(base: str, changed: str) -> None:
    assert merge(base, changed, base) == merge(base, base, changed) == Merged(changed)


@given(TEXTS, TEXTS)
def test_what_both_typed_alike_stands_once(base: str, changed: str) -> None:
    assert merge(base, changed, changed) == Merged(changed)


@given(TEXTS, TEXTS, TEXTS)
def test_every_line_that_one_of_them_added_stands_in_the_result(base: str, mine: str, theirs: str) -> None:
    result = Counter(merge(base, mine, theirs).text.split("\n"))

    for changed in (mine, theirs):
        added = Counter(changed.split("\n")) - Counter(base.split("\n"))
        assert added.keys() - {""} <= result.keys()


@given(TEXTS, TEXTS, TEXTS)
def test_no_line_stands_that_nobody_typed(base: str, mine: str, theirs: str) -> None:
    typed = {line for text in (base, mine, theirs) for line in text.split("\n")}

    assert set(merge(base, mine, theirs).text.split("\n")) <= typed


@given(TEXTS, TEXTS, TEXTS)
def test_who_saves_first_changes_only_the_order_where_they_clash(base: str, mine: str, theirs: str) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)

    assert bool(one.clashes) == bool(other.clashes)
    assert set(one.text.split("\n")) == set(other.text.split("\n"))
    if not one.clashes:
        assert one.text == other.text


@given(TEXTS, TEXTS, TEXTS)
def test_a_clash_names_lines_of_the_result(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs)

    assert all(1 <= line <= merged.text.count("\n") + 2 for line in merged.clashes)
    assert list(merged.clashes) == sorted(set(merged.clashes))


@given(st.lists(st.uuids().map(str), min_size=1, max_size=6, unique=True), st.data())
def test_a_save_that_comes_twice_leaves_no_trace_of_the_second_time(base: list[str], data: st.DataObject) -> None:
    """Its answer was lost, and what was typed with it stands already."""
    mine, theirs = list(base), list(base)
    mine.insert(data.draw(st.integers(0, len(base))), "mine")
    theirs.insert(data.draw(st.integers(0, len(base))), "theirs")
    before = "\n".join(base)
    once = merge(before, "\n".join(mine), "\n".join(theirs)).text

    assert merge(before, "\n".join(mine), once).text == once


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "result"),
    [
        ("", "mine", "theirs", "theirs\nmine"),
        ("", "mine\n", "theirs\n", "theirs\nmine\n"),
        ("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC"),
        ("a\nb", "a\nb\nmine", "a\nb\ntheirs", "a\nb\ntheirs\nmine"),  # no final newline
        ("a\nb\n", "a\nb\nmine\n", "a\nb\ntheirs\n", "a\nb\ntheirs\nmine\n"),
        ("a", "", "a\ntheirs", "\ntheirs"),
        ("a\nb", "b", "a\nb\nc", "b\nc"),
        ("a\nx\nb", "a\nmine\nb", "a\ntheirs\nb", "a\ntheirs\nmine\nb"),
        ("a\nx\nb", "a\nb", "a\nx, changed\nb", "a\nx, changed\nb"),  # deleted by one, changed by the other
    ],
)
def test_small_cases(base: str, mine: str, theirs: str, result: str) -> None:
    assert merge(base, mine, theirs).text == result


def test_writing_on_below_a_line_that_a_colleague_is_typing_clashes_with_nothing() -> None:
    assert merge("Hel\n", "Hello\n", "Hel\nNext\n") == Merged("Hello\nNext\n")
    assert merge("Hel\n", "Hel\nNext\n", "Hello\n") == Merged("Hello\nNext\n")


def test_a_clash_is_named_by_its_line() -> None:
    assert merge("a\nb\nc", "a\nmine\nc", "a\ntheirs\nc").clashes == (2,)


@pytest.mark.parametrize("line", ["", "a", "| a | b |", "word {} and more"])
def test_the_longest_drafts_are_put_together_in_a_second(line: str) -> None:
    """A pasted table, or a key that was held down: thousands of lines that are all alike."""
    lines = [line.format(number) for number in range(20_000)]
    mine, theirs = [*lines[:10_000], "mine", *lines[10_000:]], ["theirs", *lines, "theirs too"]
    began = time.process_time()

    merged = merge("\n".join(lines), "\n".join(mine), "\n".join(theirs))

    assert time.process_time() - began < 2
    assert {"mine", "theirs", "theirs too"} <= set(merged.text.split("\n"))
    assert len(merged.text.split("\n")) >= len(lines) + 3
