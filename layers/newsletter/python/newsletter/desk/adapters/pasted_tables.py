"""The tables of a pasted text as rows of cells, and which of them only arrange what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.desk.adapters.pasted_tree import Element
from newsletter.errors import InvalidDocumentError

MOST_COLUMNS = 40
MOST_CELLS = 4_000
"""Of one table. A screen shows some hundred; whoever has more wants a file to link to."""


def table_rows(element: Element) -> list[list[Element | None]] | None:
    """Return the cells of a table by row; a cell that spans several has its words in the first.

    Returns:
        None if it only arranges: it holds another table, or has one column, as the frames of emails do.

    Raises:
        InvalidDocumentError: It is larger than an issue can show.
    """
    rows = list(_rows(element))
    if element.attributes.get("role") == "presentation" or any(each.tag == "table" for each in element.inside()):
        return None
    count = 0
    grid: list[list[Element | None]] = []
    taken: dict[int, int] = {}
    """Columns that a cell further up still fills, and for how many rows."""
    for row in rows:
        line: list[Element | None] = []
        cells = [each for each in row.children if isinstance(each, Element) and each.tag in ("td", "th")]
        for cell in cells:
            while taken.get(len(line)):
                line.append(None)
            width, height = _span(cell, "colspan", MOST_COLUMNS), _span(cell, "rowspan", MOST_CELLS)
            for column in range(len(line), len(line) + width):
                taken[column] = height
            line += [cell, *[None] * (width - 1)]
            count += width
            if len(line) > MOST_COLUMNS or count > MOST_CELLS:
                raise InvalidDocumentError(
                    "A table is larger than an issue can show.",
                    "Put it into the issue's folder as a file, and link to it.",
                )
        for column in [column for column, left in taken.items() if left]:
            taken[column] -= 1
            if column >= len(line):
                line += [None] * (column + 1 - len(line))
        if line:
            grid.append(line)
    return grid if max(map(len, grid), default=0) > 1 else None


def _rows(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield child
        elif isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _span(cell: Element, name: str, most: int) -> int:
    said = cell.attributes.get(name, "")
    return min(max(int(said), 1), most) if said.isdecimal() and len(said) < 6 else 1
