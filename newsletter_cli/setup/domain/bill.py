"""What a newsletter will cost, as it is shown before anything of it is deployed."""

from __future__ import annotations

from newsletter.sending.domain.forecast import NEW, fees
from newsletter_cli.bill import ISSUES_A_YEAR, idle_bill, idle_fee, yearly_fee

CENT = 0.005
"""US dollars from which a line is shown by itself."""


def bill_lines(size: str, reader_count: int, *, keys_in: str) -> list[str]:
    """Return the bill as people read it.

    Args:
        size: The parameter `Size` of the stack.
        reader_count: Who get each issue.
        keys_in: The parameter `KeysIn`.
    """
    rows = idle_bill(size, keys_in)
    rest = sum(row.fee for row in rows if row.fee < CENT)
    return [
        "What it costs, in US dollars, at list price and without free allowances:",
        *(_line(row.what, row.fee) for row in rows if row.fee >= CENT),
        *([_line("all else that runs while nothing is sent", rest)] if rest else []),
        _line("a month without an issue", idle_fee(size, keys_in)),
        _line(f"an issue to {reader_count:,} readers", sum(fees(reader_count, NEW))),
        _line(f"a year with {ISSUES_A_YEAR} issues", yearly_fee(size, reader_count, keys_in)),
        "docs/cost.md has the rest: storage, logs and visits to the pages are cents.",
    ]


def _line(what: str, fee: float) -> str:
    return f"  {what:<54}{fee:>10,.2f}"
