"""Which column of a list is what: found out from the headings, or said with `--map`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter_cli.people.vendors import FIELDS, PLAIN, VENDORS, Vendor, plain
from newsletter_cli.problems import UsageError

Places = dict[str, tuple[int, ...]]
"""Positions of columns, from 0, by field."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What was found out about a file's columns."""

    vendor: Vendor
    headings: tuple[str, ...]
    """Empty where the file has none: then its first line is a person already."""
    places: Places

    def cell(self, cells: Sequence[str], field: str) -> str:
        """Return what stands in the columns of a field; for a name all that is there, else the first that is."""
        found = [cells[at].strip() for at in self.places.get(field, ()) if at < len(cells) and cells[at].strip()]
        return " ".join(found) if field == "name" else next(iter(found), "")

    def heading(self, field: str) -> str:
        """Return the headings of a field as the file writes them, or their numbers."""
        places = self.places.get(field, ())
        return " + ".join(self.headings[at].strip() if self.headings else f"column {at + 1}" for at in places)


def find_columns(first: Sequence[str], mapped: Mapping[str, str]) -> Columns:
    """Return the columns of a file from its first line, and from what was said with `--map`.

    Args:
        first: The cells of the first line.
        mapped: Headings, or numbers from 1, by field; several are joined by `+`.

    Raises:
        UsageError: No column holds addresses, one that is needed stands there twice, or `--map` names none.
    """
    headed = not any("@" in cell for cell in first)
    names = [plain(cell) for cell in first] if headed else []
    vendor = next((each for each in VENDORS if each.signature <= set(names)), PLAIN)
    places: Places = {}
    for field in FIELDS:
        if field in mapped:
            places[field] = _mapped(field, mapped[field], first if headed else (), len(first))
        elif headed:
            places[field] = _found(field, vendor, names)
        elif field == "email":
            places[field] = (next(at for at, cell in enumerate(first) if "@" in cell),)
    if unknown := set(mapped) - set(FIELDS):
        raise UsageError(f"--map knows no field {min(unknown)}. It knows {', '.join(FIELDS)}.")
    if not places["email"]:
        raise UsageError("No column is headed like an address. Say which one it is, for example --map email=3.")
    return Columns(vendor, tuple(first) if headed else (), {field: at for field, at in places.items() if at})


def _found(field: str, vendor: Vendor, names: Sequence[str]) -> tuple[int, ...]:
    found: list[int] = []
    for name in vendor.fields.get(field, ()):
        at = [place for place, each in enumerate(names) if each == name]
        if len(at) > 1 and (field == "name" or not found):
            numbers = " and ".join(str(place + 1) for place in at)
            raise UsageError(f"Columns {numbers} have the same heading. Say which is meant: --map {field}={at[0] + 1}.")
        found += at
    # A list has one address, one status, one moment: the first name that is there is the best one.
    return tuple(found) if field in ("name", "network") else tuple(found[:1])


def _mapped(field: str, column: str, headings: Sequence[str], columns: int) -> tuple[int, ...]:
    return tuple(_place(field, each.strip(), headings, columns) for each in column.split("+"))


def _place(field: str, column: str, headings: Sequence[str], columns: int) -> int:
    if column.isdecimal():
        if not 1 <= int(column) <= columns:
            raise UsageError(f"There is no column {column} for {field}; the file has {columns}.")
        return int(column) - 1
    at = [place for place, each in enumerate(headings) if plain(each) == plain(column)]
    if len(at) != 1:
        how_many = "Several columns are" if at else "No column is"
        raise UsageError(f"{how_many} headed {column}. Give its number instead: --map {field}=2.")
    return at[0]
