"""A file read piece by piece says the same as when it is read at once, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InvalidListError
from newsletter.readers.domain.takeover import Row
from newsletter.readers.importing.domain.columns import find_columns
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.csv_text import inspect_text
from newsletter.readers.importing.domain.pieces import Plan, cut, part_of_file, whole_file
from newsletter.readers.importing.domain.rows import Refusal, RowReading
from tests.readers.fakes import PlainAddresses


def by_pieces(content: bytes, encoding: str, delimiter: str, piece_rows: int) -> tuple[list[Record], list[Record]]:
    """Return the rows as they are read at once, and piece by piece from the last piece to the first."""

    def rows() -> list[Record]:
        return list(whole_file([content], encoding=encoding, delimiter=delimiter, size=len(content)))

    first, *at_once = rows()
    if not at_once:
        return [], []
    spans = cut(at_once, lambda record: Refusal("damaged", ""), size=len(content), piece_rows=piece_rows)
    plan = Plan.from_json(Plan(tuple(first.cells), encoding, delimiter, spans, len(at_once)).to_json())
    read = [
        list(part_of_file(content[span.begin : span.end], span, plan, first_bytes=content[:4]))
        for span in reversed(plan.spans)
    ]
    return [plain(each) for each in at_once], [plain(each) for part in reversed(read) for each in part]


def plain(record: Record) -> Record:
    """Return a record without its offset, which counts from another beginning in a piece."""
    return Record(record.line, record.cells, record.fault)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "Jörg"), ("utf-8-sig", "Łukasz"), ("utf-16", "Ωμέγα 🙂"), ("utf-16-le", "Jörg"), ("utf-16-be", "Jörg"),
     ("utf-32", "Jörg"), ("cp1252", "José"), ("cp1251", "Мария"), ("shift_jis", "山田")],
)  # fmt: skip
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_in_every_encoding_pieces_begin_where_rows_begin(encoding: str, name: str, line_end: str) -> None:
    rows = [f'reader{number}@example.org,"{name}{line_end * (number % 3 == 0)}{number}"' for number in range(25)]
    content = line_end.join(["email,name", *rows, ""]).encode(encoding)

    at_once, read = by_pieces(content, encoding, ",", 4)

    assert len(at_once) == 25
    assert read == at_once
    assert at_once[7].cells[1] == f"{name}7"


@given(
    st.lists(st.text(alphabet='a@é",\n\r ;\x00', max_size=12), min_size=1, max_size=30),
    st.integers(min_value=1, max_value=5),
)
def test_no_quote_and_no_line_end_makes_a_piece_differ(lines: list[str], piece_rows: int) -> None:
    content = ("email,name\n" + "\n".join(lines)).encode()

    at_once, read = by_pieces(content, "utf-8", ",", piece_rows)

    assert read == at_once


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "cp1252", "cp1253", "latin-1", "utf-16-le"]))
def test_bytes_that_are_no_letters_are_measured_all_the_same(noise: bytes, encoding: str) -> None:
    content = "email,name\n".encode(encoding) + noise + b"\0" * (len(noise) % 2)

    try:
        at_once, read = by_pieces(content, encoding, ",", 2)
    except InvalidListError:
        assert encoding == "utf-16-le"  # where half a letter at the very end is as good as damaged
    else:
        assert read == at_once


def test_an_encoding_that_remembers_what_came_before_is_refused() -> None:
    content = ("email,name\n" + "ada@example.org,山田\n" * 10).encode("iso2022_jp")

    with pytest.raises(InvalidListError, match="cannot be read piece by piece"):
        list(whole_file([content], encoding="iso2022_jp", delimiter=",", size=len(content) + 1))


def test_a_mailbox_that_stood_in_an_earlier_piece_is_marked_in_the_later_one() -> None:
    content = b"email\na@example.org\nb@example.org\nA@example.org\nnobody\nb@example.org\nnobody\n"
    first, *rows = whole_file([content], encoding="utf-8", delimiter=",", size=len(content))
    reading = RowReading(find_columns(first.cells, {}), PlainAddresses())

    spans = cut(rows, reading.row, size=len(content), piece_rows=2)

    assert [span.repeated for span in spans] == [(), (4,), (6,)]
    assert [(span.begin, span.line) for span in spans] == [(6, 1), (34, 3), (55, 5)]


def test_more_rows_than_a_list_may_have_are_refused_in_a_sentence() -> None:
    with pytest.raises(InvalidListError, match="more than 2 rows"):
        cut([Record(line, ["a@example.org"]) for line in (2, 3, 4)], nobody, size=9, most_rows=2)


def nobody(record: Record) -> Row | Refusal:
    return Refusal("damaged", "")


def test_a_file_of_one_chunk_and_of_many_is_the_same_file() -> None:
    content = ("email;name\n" + "ada@example.org;Jörg\n" * 40).encode("cp1252")
    text = inspect_text([content[:100], content[100:]], guess=lambda odd: "cp1252")
    chunks = [content[:100], *(content[at : at + 7] for at in range(100, len(content), 7))]

    many = list(whole_file(chunks, encoding=text.encoding, delimiter=text.delimiter, size=text.size))

    assert many == list(whole_file([content], encoding="cp1252", delimiter=";", size=len(content)))
    assert (text.size, text.lines, text.words) == (len(content), 41, ("Jörg", "Jörg", "Jörg"))
