"""Cells of a CSV file that no spreadsheet takes for a formula.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that Excel, LibreOffice or Sheets may run as a formula."""


def guarded(cell: str) -> str:
    """Return the cell with an apostrophe before it, if a spreadsheet could run it.

    A cell that already has apostrophes before the danger gets one more, so that `restored` knows what was there.
    """
    return f"'{cell}" if cell.lstrip("'").startswith(DANGEROUS) else cell


def restored(cell: str) -> str:
    """Return what `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(DANGEROUS) else cell
