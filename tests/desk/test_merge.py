"""Two people write in one text: whatever either typed is there afterwards, and neither has to be first."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.desk.drafts.merge import Agreed, Clash, merge

BASE = "One.\n\nTwo.\n\nThree.\n"


@pytest.mark.parametrize(
    ("theirs", "mine", "merged"),
    [
        ("One!\n\nTwo.\n\nThree.\n", "One.\n\nTwo.\n\nThree!\n", "One!\n\nTwo.\n\nThree!\n"),
        ("One.\n\nA.\n\nTwo.\n\nThree.\n", "One.\n\nB.\n\nTwo.\n\nThree.\n", "One.\n\nA.\n\nB.\n\nTwo.\n\nThree.\n"),
        ("One.\n\nTwo.\n\nThree.\n\nA.\n", "One.\n\nTwo.\n\nThree.\n\nB.\n", "One.\n\nTwo.\n\nThree.\n\nA.\n\nB.\n"),
        ("One.\n\nThree.\n", "One.\n\nTwo.\n\nThree.\n\nB.\n", "One.\n\nThree.\n\nB.\n"),
        ("One.\n\nThree.\n", "One.\n\nThree.\n", "One.\n\nThree.\n"),
        ("A.\n" + BASE, BASE + "B.\n", f"A.\n{BASE}B.\n"),
        ("", BASE, ""),
    ],
)
def test_what_stands_apart_is_brought_together(theirs: str, mine: str, merged: str) -> None:
    result = merge(BASE, theirs, mine)

    assert (result.text, result.clashes) == (merged, ())


def test_lines_that_both_changed_are_shown_as_both_wrote_them() -> None:
    result = merge(BASE, "One.\n\nTwo, of Ada.\n\nThree.\n", "One.\n\nTwo, of Ben.\n\nThree.\n")

    assert result.parts == (
        Agreed(("One.", "")),
        Clash(("Two.",), ("Two, of Ada.",), ("Two, of Ben.",)),
        Agreed(("", "Three.", "")),
    )
    assert result.text == "One.\n\nTwo, of Ada.\nTwo, of Ben.\n\nThree.\n"


def test_a_line_that_one_changed_and_the_other_removed_is_for_a_person_to_decide() -> None:
    assert merge(BASE, "One.\n\nThree.\n", "One.\n\nTwo!\n\nThree.\n").clashes[0].mine[0] == "Two!"


def test_without_the_text_before_everything_that_differs_is_shown() -> None:
    result = merge(None, "One.\n\nA.\n", "One.\n\nB.\n\nC.\n")

    assert result.clashes
    assert set(result.text.split("\n")) == {"One.", "", "A.", "B.", "C."}


LINES = st.lists(st.sampled_from(["", "a", "b", "c", "d", "", "e f"]), max_size=12)


@st.composite
def edited(draw: st.DrawFn, lines: list[str], marks: str) -> list[str]:
    """Return lines as somebody leaves them who removes, changes and adds some."""
    result: list[str] = []
    for number, line in enumerate(lines):
        act = draw(st.sampled_from(["keep"] * 4 + ["remove", "change", "add"]))
        result += {
            "keep": [line],
            "remove": [],
            "change": [f"{marks}{number}!"],
            "add": [line, "", f"{marks}{number}"],
        }[act]
    return result + draw(st.sampled_from([[], [f"{marks} end"], ["both end"]]))


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, str, str]:
    lines = draw(LINES)
    return "\n".join(lines), "\n".join(draw(edited(lines, "A"))), "\n".join(draw(edited(lines, "B")))


@settings(max_examples=400, deadline=None)
@given(stories())
def test_nothing_that_either_typed_is_lost_whoever_saves_first(story: tuple[str, str, str]) -> None:
    before, ada, ben = story
    one, other = merge(before, ada, ben), merge(before, ben, ada)
    kept = Counter(one.text.split("\n"))

    typed = Counter([*ada.split("\n"), *ben.split("\n")])
    for line in typed.keys() - {*before.split("\n"), ""}:
        assert kept[line] >= 1
        if not one.clashes and typed[line] == 1:
            assert kept[line] == 1
    assert kept == Counter(other.text.split("\n"))
    assert Counter((c.before, *sorted((c.theirs, c.mine))) for c in one.clashes) == Counter(
        (c.before, *sorted((c.theirs, c.mine))) for c in other.clashes
    )


@settings(max_examples=200, deadline=None)
@given(stories())
def test_what_only_one_did_is_what_comes_out(story: tuple[str, str, str]) -> None:
    before, ada, _ = story

    assert merge(before, ada, ada).text == ada
    assert merge(before, before, ada).text == ada
    assert merge(before, ada, before).text == ada
    assert merge(None, ada, ada).text == ada
    assert not merge(before, ada, before).clashes
