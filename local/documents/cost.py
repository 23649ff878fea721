"""docs/cost.md: what lists of every size cost, from the one table of prices in the code and from template.yaml."""

from __future__ import annotations

from datetime import timedelta

from local.documents.within import with_parts
from local.process import ROOT
from newsletter.core.figures import spelled
from newsletter.sending.domain.forecast import (
    GROWN,
    NEW,
    PRICES,
    TOPIC_UNITS,
    UNLIMITED,
    event_fee,
    fees,
    forecast,
    priced,
    units_per_thousand,
)
from newsletter.sending.domain.quota import Allowance
from newsletter_cli.bill import INVALIDATION, ISSUES_A_YEAR, MOST, SECRETS, SIZES, idle_bill, idle_fee, yearly_fee

FILE = ROOT / "docs" / "cost.md"
READERS = (1_000, 5_000, 20_000, 100_000, 1_000_000, 10_000_000)
RATES = (14, 200, 1_000)
"""Recipients per second: a small account, a grown one, a large one."""


def as_text() -> str:
    """Return the page with its tables."""
    return with_parts(
        FILE,
        {
            "keys": _keys(),
            "all": _all_in(),
            "sizes": _sizes(),
            "uses": _uses(),
            "besides": _besides(),
            "standing": _idle(),
        },
    )


def _all_in() -> str:
    rows = [_row(["", *(f"`{size}`" for size in SIZES)]), _row(["---", *["---:"] * len(SIZES)])]
    rows.append(_row(["a month while nothing is sent", *(_usd(idle_fee(size)) for size in SIZES)]))
    rows.append(_row(["held by a test to be at most", *(_usd(MOST[size]) for size in SIZES)]))
    for readers in (1_000, 5_000, 20_000):
        cells = [_usd(yearly_fee(size, readers)) for size in SIZES]
        rows.append(_row([f"a year with {ISSUES_A_YEAR} issues to {readers:,} readers, all in", *cells]))
    return "\n".join(rows)


def _keys() -> str:
    rows = [_row(["a `small` stack", *(f"`KeysIn={keys_in}`" for keys_in in SECRETS)])]
    rows.append(_row(["---", *["---:"] * len(SECRETS)]))
    rows.append(_row(["a month while nothing is sent", *(_usd(idle_fee("small", keys_in)) for keys_in in SECRETS)]))
    cells = [_usd(yearly_fee("small", 1_000, keys_in)) for keys_in in SECRETS]
    rows.append(_row([f"a year with {ISSUES_A_YEAR} issues to 1,000 readers, all in", *cells]))
    return "\n".join(rows)


def _sizes() -> str:
    heads = ["readers", "SES, an issue", "all else at 14/s", "all else at 200/s", "a year of 26 issues"]
    heads += [f"at {rate}/s" for rate in RATES]
    rows = [_row(heads), _row(["---:"] * len(heads))]
    for size in READERS:
        ses, at_first = fees(size, NEW)
        own = fees(size)[1]
        times = [spelled(_duration(size, rate)).removeprefix("about ") for rate in RATES]
        cells = [f"{size:,}", _usd(ses), _usd(at_first), _usd(own), _usd(ISSUES_A_YEAR * (ses + own)), *times]
        rows.append(_row(cells))
    return "\n".join(rows)


def _duration(size: int, rate: float) -> timedelta:
    return forecast(size, Allowance(per_second=rate, per_day=-1, left_today=0)).duration


def _uses() -> str:
    rates = {"at 14/s": NEW, "at 200/s": GROWN, "unlimited": UNLIMITED}
    rows = [
        _row(["what", "USD a million units", *(f"units {rate}" for rate in rates), *(f"USD {rate}" for rate in rates)])
    ]
    rows.append(_row(["---", *["---:"] * (1 + 2 * len(rates))]))
    used = [units_per_thousand(rate) for rate in rates.values()]
    for name, price in PRICES.items():
        units = [f"{units[name]:,.4g}" if units[name] < 1000 else f"{units[name]:,.0f}" for units in used]
        rows.append(_row([name, f"{price:g}", *units, *(f"{units[name] * price / 1000:.2f}" for units in used)]))
    rows.append(_row(["together", *[""] * (1 + len(rates)), *(f"{1000 * priced(units):.2f}" for units in used)]))
    return "\n".join(rows)


def _besides() -> str:
    rows = [_row(["what else", "units", "USD a million units", "USD"]), _row(["---", "---:", "---:", "---:"])]
    each = f"{INVALIDATION.number:g} an issue"
    rows.append(_row([INVALIDATION.what, each, f"{INVALIDATION.price * 1e6:,g}", f"{INVALIDATION.fee:.2f} an issue"]))
    million = "a million readers"
    stream, topic = event_fee(1_000_000), event_fee(1_000_000, TOPIC_UNITS)
    rows.append(_row(["with `EventDetail=full`, a Delivery event besides", million, "", f"{stream:.2f}"]))
    rows.append(_row(["with `SendEvents=topic`, a Send event by SNS", million, "", f"{topic - stream:.2f} more"]))
    rows.append(_row(["with both, a Delivery event besides", million, "", f"{topic:.2f}"]))
    return "\n".join(rows)


def _idle() -> str:
    bills = {size: {row.what: row for row in idle_bill(size)} for size in SIZES}
    rows = [_row(["what", *(head for size in SIZES for head in (f"`{size}`", "USD a month"))])]
    rows.append(_row(["---", *["---:"] * 2 * len(SIZES)]))
    for what in bills["large"]:
        cells = [what]
        for size in SIZES:
            row = bills[size].get(what)
            cells += [_number(row.number), f"{row.fee:.2f}"] if row else ["none", "0.00"]
        rows.append(_row(cells))
    rows.append(_row(["together", *(cell for size in SIZES for cell in ("", f"{idle_fee(size):.2f}"))]))
    return "\n".join(rows)


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 1 else f"{number:.2f}"


def _usd(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.005 else "less than 0.01"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
