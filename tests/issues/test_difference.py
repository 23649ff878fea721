"""What changed, bounded, whatever the files are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.domain.difference import LONGEST_LINE, MOST_LINES, ChangedLine, Difference, difference


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


def test_a_change_at_the_end_of_a_long_file_is_found_at_its_place() -> None:
    file = b"".join(b"line %d\n" % n for n in range(1, 5001))

    found = difference(file, file + b"the end\n")

    assert found == Difference(
        (ChangedLine("@", "line 5000"), ChangedLine(" ", "line 5000"), ChangedLine("+", "the end"))
    )


def test_files_made_to_be_hard_to_compare_are_compared_in_part() -> None:
    # 101 different lines, each as often as difflib lets pass: 8,000 of them took 12 seconds, 80,000 would take hours.
    before = b"".join(b"%d\n" % (n % 101) for n in range(80_000))
    after = b"".join(b"%d\n" % (n * 7 % 101) for n in range(80_000))

    found = difference(before, after)

    assert len(found.lines) == MOST_LINES
    assert found.more > 2 * 78_000 - 2 * MOST_LINES
