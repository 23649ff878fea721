"""Which column of a list is what: found out from the headings, or said by whoever imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.core.reader_fields.reader_field import FORM_PREFIX, ReaderField
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.vendors import FIELDS, PLAIN, VENDORS, Vendor, plain

OF_REJECTS = ("line", "reason")
"""The first headings of a file of rejects, which can be mended and imported itself."""

NOT_THERE = "0"
"""Said of a field that none of the columns holds, whatever their headings are."""

Places = dict[str, tuple[int, ...]]
"""Positions of columns, from 0, by field."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What was found out about a file's columns."""

    vendor: Vendor
    headings: tuple[str, ...]
    """Empty where the file has none: then its first line is a person already."""
    places: Places

    @property
    def are_of_rejects(self) -> bool:
        """Whether the file is one of ours, with rows that could not be imported before."""
        return self.headings[: len(OF_REJECTS)] == OF_REJECTS

    def names(self) -> list[str]:
        """Return a heading for each column, whether the file has any or not."""
        if self.headings:
            return list(self.headings)
        named = {at: field for field, places in self.places.items() for at in places}
        return [named.get(at, f"column {at + 1}") for at in range(max(named) + 1)]

    def numbers(self) -> dict[str, tuple[int, ...]]:
        """Return the positions of columns as people count them, from 1."""
        return {field: tuple(at + 1 for at in places) for field, places in self.places.items()}

    def cell(self, cells: Sequence[str], field: str) -> str:
        """Return what stands in the columns of a field; for a name all that is there, else the first that is."""
        found = [cells[at].strip() for at in self.places.get(field, ()) if at < len(cells) and cells[at].strip()]
        return " ".join(found) if field == "name" else next(iter(found), "")

    def heading(self, field: str) -> str:
        """Return the headings of a field as the file writes them, or their numbers."""
        places = self.places.get(field, ())
        return " + ".join(self.headings[at].strip() if self.headings else f"column {at + 1}" for at in places)


def find_columns(
    first_cells: Sequence[str], mapped: Mapping[str, str], reader_fields: Sequence[ReaderField] = ()
) -> Columns:
    """Return the columns of a file from its first line, and from what was said about it.

    Args:
        first_cells: The cells of the first line.
        mapped: Headings, or numbers from 1, by field; several are joined by `+`, and 0 is no column at all.
        reader_fields: What the publisher asks of readers; their columns are named by key or label.

    Raises:
        InvalidListError: No column holds addresses, one that is needed stands there twice, or what was said names none.
    """
    headed = not any("@" in cell for cell in first_cells)
    names = [plain(cell) for cell in first_cells] if headed else []
    vendor = next((each for each in VENDORS if each.signature <= set(names)), PLAIN)
    places: Places = {}
    names_of_fields = {each.form_name: _names_of(each) for each in reader_fields}
    known = (*FIELDS, *names_of_fields)
    for field in known:
        if mapped.get(field) == NOT_THERE:
            places[field] = ()
        elif field in mapped:
            places[field] = _mapped(field, mapped[field], first_cells if headed else (), len(first_cells))
        elif headed:
            places[field] = _found(field, names_of_fields.get(field, vendor.fields.get(field, ())), names)
        elif field == "email":
            places[field] = (next(at for at, cell in enumerate(first_cells) if "@" in cell),)
    if unknown := set(mapped) - set(known):
        raise list_fault(ListFault.UNKNOWN_FIELD, field=min(unknown), fields=", ".join(known))
    if not places["email"]:
        raise list_fault(ListFault.NO_ADDRESSES)
    return Columns(vendor, tuple(first_cells) if headed else (), {field: at for field, at in places.items() if at})


def fields_named_in(mapped: Mapping[str, str]) -> list[ReaderField]:
    """Return the fields that somebody gave columns to, whether or not the publisher still asks for them."""
    return [ReaderField(key=name.removeprefix(FORM_PREFIX)) for name in mapped if name.startswith(FORM_PREFIX)]


def _names_of(reader_field: ReaderField) -> tuple[str, ...]:
    """Return the names that the column of a field goes by: as our export writes it, the key, a label."""
    names = (reader_field.form_name, reader_field.key, *reader_field.labels.values())
    return tuple(dict.fromkeys(filter(None, map(plain, names))))


def _found(field: str, known_names: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    found: list[int] = []
    for name in known_names:
        at = [place for place, each in enumerate(names) if each == name]
        if len(at) > 1 and (field == "name" or not found):
            numbers = " and ".join(str(place + 1) for place in at)
            raise list_fault(ListFault.SAME_HEADING, columns=numbers, field=field, column=str(at[0] + 1))
        found += at
    # A list has one address, one status, one moment: the first name that is there is the best one.
    return tuple(found) if field in ("name", "network") else tuple(found[:1])


def _mapped(field: str, column: str, headings: Sequence[str], columns: int) -> tuple[int, ...]:
    return tuple(_place(field, each.strip(), headings, columns) for each in column.split("+"))


def _place(field: str, column: str, headings: Sequence[str], columns: int) -> int:
    if column.isdecimal():
        if not 1 <= int(column) <= columns:
            raise list_fault(ListFault.NO_SUCH_COLUMN, column=column, field=field, columns=str(columns))
        return int(column) - 1
    at = [place for place, each in enumerate(headings) if plain(each) == plain(column)]
    if len(at) != 1:
        fault = ListFault.SEVERAL_SUCH_HEADINGS if at else ListFault.NO_SUCH_HEADING
        raise list_fault(fault, column=column, field=field)
    return at[0]
