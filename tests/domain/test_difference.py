"""What changed, bounded, whatever the files are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.domain.difference import LONGEST_LINE, MOST_LINES, ChangedLine, Difference, difference


def test_a_changed_line_stands_with_its_place_and_its_neighbours() -> None:
    found = difference(b"title: x\n\none\ntwo\nthree\n", b"title: x\n\none\n-- 2\nthree\n")

    assert found == Difference(
        (
            ChangedLine("@", "line 3"),
            ChangedLine(" ", "one"),
            ChangedLine("-", "two"),
            ChangedLine("+", "-- 2"),
            ChangedLine(" ", "three"),
        )
    )


def test_the_same_text_gives_nothing_also_with_other_line_ends() -> None:
    assert difference(b"a\nb\n", b"a\r\nb\r\n") == Difference(())


@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_it_is_short_whatever_was_uploaded(before: bytes, after: bytes) -> None:
    found = difference(before, after)

    assert len(found.lines) <= MOST_LINES
    assert all(len(line.text) <= LONGEST_LINE + 2 for line in found.lines)
    assert found.more == 0 or len(found.lines) == MOST_LINES


def test_a_file_that_was_written_anew_says_how_much_more_changed() -> None:
    found = difference(b"".join(b"old %d\n" % n for n in range(100)), b"".join(b"new %d\n" % n for n in range(100)))

    assert found.more == 201 - MOST_LINES
