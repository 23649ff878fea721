"""How a send stands, in words: its state, why it is held, when it is expected to end, its books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from newsletter_cli.console import out, show_table

STATES = {"open": "going out", "paused": "held", "cancelling": "being cancelled", "closed": "closed"}


def done(books: Mapping[str, Any]) -> int:
    """Return for how many it is decided: sent, skipped or failed."""
    return int(books["audience"] - books["waiting"] - books["unknown"])


def expected(told: Mapping[str, Any]) -> int:
    """Return how many there will be: as planned so far, or as the forecast says while planning goes on."""
    foretold = told["forecast"]["recipients"] if told["forecast"] and told["state"] != "closed" else 0
    return max(int(told["books"]["audience"]), int(foretold))


def show(told: Mapping[str, Any], now: datetime) -> None:
    """Print how a send stands."""
    for line in sentences(told, now):
        out.print(line, markup=False)
    show_books(told["books"])


def sentences(told: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """Yield what there is to say about a send besides its books."""
    state = "cancelled" if told["state"] == "closed" and told["cancelled_because"] else STATES[told["state"]]
    ended = f", closed {_when(told['closed_at'])}" if told["closed_at"] else ""
    yield f"{told['slug']}: {state}. Opened {_when(told['opened_at'])}{ended}."
    if told["paused_because"]:
        goes_on = f" It is expected to go on {_when(told['resume_at'])}." if told["resume_at"] else ""
        yield f"Held by {told['paused_by']}: {told['paused_because']}{goes_on}"
    if told["cancelled_because"]:
        yield f"Cancelled: {told['cancelled_because']}"
    if told["state"] == "open":
        yield f"{done(told['books']):,} of {expected(told):,} done{_speed(told, now)}."
        if told["expected_end"]:
            yield f"The forecast expects the end by {_when(told['expected_end'])} ({told['forecast']['duration']})."


def show_books(books: Mapping[str, Any]) -> None:
    """Print who ended how, and whether everybody is accounted for."""
    rows = [("audience", books["audience"]), ("sent", books["sent"])]
    for kind in ("skipped", "failed"):
        rows += [(f"{kind}: {reason.replace('_', ' ')}", count) for reason, count in sorted(books[kind].items())]
    rows += [(words, books[name]) for name, words in (("waiting", "waiting"), ("unknown", "in doubt")) if books[name]]
    show_table(("books", ""), ((name, f"{count:,}") for name, count in rows), nothing="")
    out.print("Everybody is accounted for." if books["balanced"] else "Not everybody is accounted for yet.")


def _speed(told: Mapping[str, Any], now: datetime) -> str:
    seconds = (now - datetime.fromisoformat(told["opened_at"])).total_seconds()
    return f", {done(told['books']) / seconds:,.1f} a second since it was opened" if seconds >= 1 else ""


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%d %b %H:%M:%S}"
