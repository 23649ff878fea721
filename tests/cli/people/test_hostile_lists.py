"""Files that are no proper CSV: nothing is lost, nothing is doubled, and every row is accounted for."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.adapters.email_addresses import EmailAddresses
from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.importing.domain.columns import find_columns
from newsletter.readers.importing.domain.csv_records import Record, records
from newsletter.readers.importing.domain.formula import DANGEROUS, guarded, restored
from newsletter.readers.importing.domain.rows import Refusal, RowReading, moment_of
from newsletter_cli.people.csv_text import inspect
from newsletter_cli.people.journal import Journal
from newsletter_cli.people.list_faults import in_our_words
from newsletter_cli.people.rejects import Rejects
from newsletter_cli.people.take_over import take_over
from newsletter_cli.problems import CommandError, UsageError
from tests.core.fakes import NOW
from tests.readers.fakes import PlainAddresses


def read(text: str, delimiter: str = ",") -> list[Record]:
    return list(records(io.StringIO(text, newline=""), delimiter=delimiter))


def sound(text: str) -> list[list[str]]:
    return [each.cells for each in read(text) if not each.fault]


def test_a_quote_that_is_never_closed_costs_its_own_line_and_no_other() -> None:
    found = read('email,name\nada@example.org,"Ada\ngrace@example.org,Grace\nlin@example.org,Lin\n')

    assert [(each.line, bool(each.fault)) for each in found] == [(1, False), (2, True), (3, False), (4, False)]
    assert found[2].cells == ["grace@example.org", "Grace"]


def test_two_stray_quotes_do_not_swallow_the_people_between_them() -> None:
    found = read('email,name\na@example.org,"A\nb@example.org,B\nc@example.org,"C"x\nd@example.org,D"\n')

    assert ["b@example.org", "B"] in [each.cells for each in found]
    assert [each.line for each in found] == [1, 2, 3, 4, 5]


def test_notes_may_have_line_ends_and_quotes() -> None:
    text = 'email,note\r\nada@example.org,"first\r\nsecond ""quoted""\r\nthird"\r\ngrace@example.org,\r\n'

    assert [(each.line, each.fault) for each in read(text)] == [(1, ""), (2, ""), (5, "")]
    assert sound(text)[1][1] == 'first\r\nsecond "quoted"\r\nthird'


def test_an_inch_mark_in_the_middle_of_a_cell_is_a_letter() -> None:
    assert sound('email,name\nada@example.org,Ada 5" pipe\n')[1] == ["ada@example.org", 'Ada 5" pipe']


def test_blank_lines_are_no_rows_and_a_row_with_too_many_cells_is_not_guessed_at() -> None:
    found = read("email,name\n\n,\n  \nada@example.org,Lovelace, Ada\n")

    assert [(each.line, each.fault) for each in found] == [(1, ""), (5, "it has 3 cells, the header has 2")]


def test_a_line_of_megabytes_is_refused_and_skipped() -> None:
    found = read(f"email\n{'x' * 3_000_000}\nada@example.org\n")

    assert [(each.line, len(each.cells[0]) < 100) for each in found] == [(1, True), (2, True), (3, True)]
    assert [bool(each.fault) for each in found] == [False, True, False]


def test_a_zero_byte_is_a_damaged_row() -> None:
    assert read("email,name\nada@example.org,A\0da\n")[1].fault == "it holds a zero byte"


@given(st.text(max_size=300))
def test_every_line_of_any_text_is_handed_out_once(text: str) -> None:
    found = [each.line for each in read(text)]

    assert found == sorted(set(found))


@given(st.lists(st.text(alphabet='a@",\n ;', max_size=12), max_size=12))
def test_no_line_with_an_address_disappears_whatever_quotes_stand_around(lines: list[str]) -> None:
    text = "email,name\n" + "".join(f"{line}\n" for line in lines) + "ada@example.org,Ada\n"

    assert any("ada@example.org" in cell for each in read(text) for cell in each.cells)


@given(st.text())
def test_a_guarded_cell_is_safe_and_comes_back(cell: str) -> None:
    assert not guarded(cell).startswith(DANGEROUS)
    assert restored(guarded(cell)) == cell


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "Jörg"), ("utf-8-sig", "Łukasz"), ("utf-16", "Ωμέγα"), ("utf-16-le", "Jörg"), ("utf-32", "Jörg"),
     ("cp1252", "José Nuñez"), ("latin-1", "Jörg Müller"), ("cp1251", "Мария Кузнецова и Пётр Иванов")],
)  # fmt: skip
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str, name: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(f"email;name\nada@example.org;{name}\n".encode(encoding))

    text = inspect(file)

    with file.open(encoding=text.encoding, newline="") as opened:
        found = list(records(opened, delimiter=text.delimiter))
    assert found[1].cells == ["ada@example.org", name]
    assert found[0].cells[0].strip("\ufeff") == "email"


def test_latin_1_is_found_out_where_the_first_umlaut_comes_after_a_megabyte(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(b"email,name\n" + b"ada@example.org,Ada\n" * 60_000 + b"joerg@example.org,J\xf6rg\n")

    text = inspect(file)

    assert (text.encoding, text.lines, text.words) == ("cp1252", 60_002, ("Jörg",))


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"PK\x03\x04\0\0\0\0binary"])
def test_a_file_without_text_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=r"is empty|Save it as CSV"):
        inspect(file)


def test_a_file_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        inspect(tmp_path / "none.csv")


def test_a_list_without_addresses_has_to_be_told_where_they_are() -> None:
    with pytest.raises(UsageError, match="--map email=3"), in_our_words():
        find_columns(["telephone", "name"], {})


@pytest.mark.parametrize("text", ["", "0000-00-00 00:00:00", "05/06/2024", "yes", "1970-01-01", "99999-01-01"])
def test_what_is_no_moment_is_no_evidence(text: str) -> None:
    assert moment_of(text) is None


class Endless(io.TextIOBase):
    """A file that is written while it is read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        return next(self._lines, "")


def test_a_list_of_any_length_is_read_in_bounded_memory() -> None:
    lines = islice(_people(), 200_001)
    columns = find_columns(["email", "confirmed_at"], {})
    found = records(Endless(lines), delimiter=",")  # type: ignore[arg-type]
    next(found)
    seen: Counter[str] = Counter()

    tracemalloc.start()
    for record in found:
        seen[columns.cell(record.cells, "confirmed_at")] += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seen == {"2024-01-01": 200_000}
    assert peak < 1_000_000


def _people() -> Iterator[str]:
    yield "email,confirmed_at\n"
    for number in count():
        yield f"reader{number}@example.org,2024-01-01\n"


def test_a_whole_import_balances_whatever_stands_in_the_file(tmp_path: Path) -> None:
    text = (
        'email,status,confirmed_at\na@example.org,confirmed,2024-01-01\n"broken,confirmed,2024-01-01\n'
        "A@example.org,confirmed,2024-01-01\nnobody,confirmed,2024-01-01\nb@example.org,unsubscribed,2024-01-01\n"
        "c@example.org,pending,2024-01-01\nd@example.org,eaten,2024-01-01\ne@example.org,confirmed,\n"
    )
    found = iter(read(text))
    reading = RowReading(find_columns(next(found).cells, {}), PlainAddresses())
    rejects = Rejects(tmp_path / "rejects.csv", reading.columns, keep=0)

    def imported(rows: Sequence[Row]) -> list[Imported]:
        return [Imported.ADDED if row.confirmed_at else Imported.NO_EVIDENCE for row in rows]

    with Journal(tmp_path / "journal", work="x", now=NOW) as journal:
        take_over(
            found, reading=reading, import_rows=imported, journal=journal, rejects=rejects, advance=lambda line: None
        )
        counts = journal.counts

    assert counts.total() == 8
    assert counts["damaged"] == counts["repeated"] == counts["invalid_address"] == counts["unknown_status"] == 1
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 1 + 8 - counts["added"]


def test_a_damaged_journal_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(b"no database" * 1000)

    with pytest.raises(CommandError, match="Remove it, and run the import again"):
        Journal(tmp_path / "journal", work="x", now=NOW)


def test_two_imports_of_one_file_at_once_are_one_too_many(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "journal", work="x", now=NOW),
        pytest.raises(CommandError, match="another import of this file is running"),
    ):
        Journal(tmp_path / "journal", work="x", now=NOW)


def test_a_network_address_or_a_name_is_never_evidence() -> None:
    columns = find_columns(["email", "name", "ip"], {})
    read_row = RowReading(columns, EmailAddresses("key")).row(Record(2, ["ada@example.org", "Ada", "192.0.2.1"]))

    assert not isinstance(read_row, Refusal)
    assert read_row.confirmed_at is None
