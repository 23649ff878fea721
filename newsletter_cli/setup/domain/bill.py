"""What a newsletter will cost, as it is shown before anything of it is deployed."""

from __future__ import annotations

from newsletter.sending.domain.forecast import fees
from newsletter_cli.bill import ISSUES_A_YEAR, idle_bill, idle_fee, yearly_fee

CENT = 0.005
"""US dollars from which a line is shown by itself."""


def bill_lines(size: str, reader_count: int) -> list[str]:
    """Return the bill as people read it.

    Args:
        size: The parameter `Size` of the stack.
        reader_count: Who get each issue.
    """
    rows = idle_bill(size)
    rest = sum(row.fee for row in rows if row.fee < CENT)
    return [
        "What it costs, in US dollars, at list price and without free allowances:",
        *(_line(row.what, row.fee) for row in rows if row.fee >= CENT),
        *([_line("all else that runs while nothing is sent", rest)] if rest else []),
        _line("a month without an issue", idle_fee(size)),
        _line(f"an issue to {reader_count:,} readers", sum(fees(reader_count))),
        _line(f"a year with {ISSUES_A_YEAR} issues", yearly_fee(size, reader_count)),
        "docs/cost.md has the rest: storage, logs and visits to the pages are cents.",
    ]


def _line(what: str, fee: float) -> str:
    return f"  {what:<54}{fee:>10,.2f}"
