"""A send in words: its state, why it is held, when it is expected to end, its books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from newsletter.reports.domain.report_words import reach_sentences, reached_in_part
from newsletter_cli.console import out, show_table

STATES = {"open": "going out", "paused": "paused", "cancelling": "being cancelled", "closed": "closed"}


def done(books: Mapping[str, Any]) -> int:
    """Return for how many it is decided: sent, skipped or failed."""
    return int(books["audience"] - books["waiting"] - books["unknown"])


def expected(status: Mapping[str, Any]) -> int:
    """Return how many there will be: as planned so far, or as the forecast says while planning goes on."""
    foretold = status["forecast"]["recipients"] if status["forecast"] and status["state"] != "closed" else 0
    return max(int(status["books"]["audience"]), int(foretold))


def show(status: Mapping[str, Any], now: datetime) -> None:
    """Print how a send stands."""
    for line in sentences(status, now):
        out.print(line, markup=False)
    show_books(status["books"])
    show_reach(status)


def show_reach(status: Mapping[str, Any]) -> None:
    """Print whom a closed send did not reach and what reaches them, and who may have got it twice."""
    if status["state"] == "closed":
        if part := reached_in_part(status):
            out.print(f"Reached {part} who could be mailed.", markup=False)
        for sentence in reach_sentences(status):
            out.print(sentence, markup=False, soft_wrap=True)  # it ends in a command, to be copied


def sentences(status: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """Yield what there is to say about a send besides its books."""
    state = "cancelled" if status["state"] == "closed" and status["cancelled_because"] else STATES[status["state"]]
    ended = f", closed {_when(status['closed_at'])}" if status["closed_at"] else ""
    yield f"{status['slug']}: {state}. Opened {_when(status['opened_at'])}{ended}."
    if status["paused_because"]:
        goes_on = f" It is expected to go on {_when(status['resume_at'])}." if status["resume_at"] else ""
        yield f"Held by {status['paused_by']}: {status['paused_because']}{goes_on}"
    if status.get("doubts_wait_for"):  # a function of an older version says nothing of it
        yield status["doubts_wait_for"]
    part = status["goes_to"] if status.get("audience_expression") else ""
    if part:
        yield f"It goes to a part of the list: {part}."
    if status.get("audience_is_whole"):
        audience, late = status["books"]["audience"], status["books"].get("found_late", 0)
        found = f" {late:,} of them were found when the list itself was compared with the plan." if late else ""
        yield f"Audience: {audience:,} of {audience:,} {'in that part' if part else 'confirmed'}.{found}"
    elif status["cancelled_because"] and status["state"] == "closed":
        yield f"Planning was cut short; `newsletter send rest {status['slug']}` reaches whoever is not in the audience."
    if status["cancelled_because"]:
        yield f"Cancelled: {status['cancelled_because']}"
    if status["state"] == "open":
        yield f"{done(status['books']):,} of {expected(status):,} done{_speed(status, now)}."
        if status["expected_end"]:
            yield f"The forecast expects the end by {_when(status['expected_end'])} ({status['forecast']['duration']})."


def show_books(books: Mapping[str, Any]) -> None:
    """Print who ended how, and whether everybody is accounted for."""
    rows = [("audience", books["audience"]), ("sent", books["sent"])]
    for kind in ("skipped", "failed"):
        rows += [(f"{kind}: {reason.replace('_', ' ')}", count) for reason, count in sorted(books[kind].items())]
    rows += [(words, books[name]) for name, words in (("waiting", "waiting"), ("unknown", "in doubt")) if books[name]]
    rows += [("perhaps mailed twice", books["perhaps_twice"])] if books.get("perhaps_twice") else []
    show_table(("books", ""), ((name, f"{count:,}") for name, count in rows), nothing="")
    out.print("Everybody is accounted for." if books["balanced"] else "Not everybody is accounted for yet.")


def _speed(status: Mapping[str, Any], now: datetime) -> str:
    seconds = (now - datetime.fromisoformat(status["opened_at"])).total_seconds()
    return f", {done(status['books']) / seconds:,.1f} a second since it was opened" if seconds >= 1 else ""


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%d %b %H:%M:%S}"
