"""The files of the pack: a text to read, the same for programs, and tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from newsletter.readers.importing.domain.formula import guarded
from newsletter.reports.domain.report_words import grouped, worded

LISTED = 20
"""Ids in the text; all of them are in the table."""


def files(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of the pack, by name."""
    return {
        "accountability.md": as_text(facts),
        "accountability.json": json.dumps(facts, indent=2, ensure_ascii=False) + "\n",
        "sends.csv": _csv(facts["sends"], facts["sends"][0] if facts["sends"] else ("issue",)),
        "months.csv": _csv(
            ({"month": name, **month} for name, month in facts["figures"]["months"].items()),
            ("month", "joined", "left", "kept_out"),
        ),
        "findings.csv": _csv(_findings(facts), ("finding", "subscriber_id", "issue", "at_most_seconds")),
    }


def as_text(facts: Mapping[str, Any]) -> str:
    """Return the text, in Markdown."""
    parts = [
        f"# Accountability: {facts['newsletter']}, {facts['year']}",
        f"Made at {facts['made_at']} from the stack `{facts['stack']}` in {facts['processors']['region']}. A day is "
        f"one of {facts['time_zone']}. No address and no name is in this pack: a reader is named by a keyed hash, "
        "which `subscribers show` gives for an address.",
        *_receipts(facts["receipts"]),
        *_leavings(facts["leavings"]),
        *_retention(facts["retention"]),
        *_processors(facts["processors"]),
        *_figures(facts["figures"], facts["sends"]),
    ]
    return "\n\n".join(parts) + "\n"


def _receipts(receipts: Mapping[str, Any]) -> list[str]:
    readers, kept = receipts["readers"], receipts["kept_after_leaving"]
    rows = [
        (words, *(grouped(each[name]) for each in (readers, kept)))
        for words, name in (
            ("the seal holds", "good"), ("of these, imported with another system's evidence", "of_them_imported"),
            ("the seal is broken", "broken"), ("no receipt", "missing"),
        )
    ]  # fmt: skip
    parts = [
        "## Proof of consent",
        "Each consent has a receipt: when, on which page and to which words somebody asked and confirmed. It is sealed "
        "with a key, so that a changed word shows. All seals were checked for this pack.",
        _table(("receipts", "of readers", "kept after leaving"), rows),
    ]
    for words, ids in (("broken", readers["broken_ids"] + kept["broken_ids"]), ("missing", readers["missing_ids"])):
        if ids:
            parts.append(f"To be looked at, {words}: {_ids(ids)}.")
    return parts


def _leavings(leavings: Mapping[str, Any]) -> list[str]:
    parts = [
        "## Leaving",
        _table(
            ("in the year", "people"),
            [
                ("left, and have not come back", grouped(leavings["left_and_stayed_away"])),
                ("of these, no issue was mailed afterwards", grouped(leavings["mailed_nothing_afterwards"])),
                ("an issue was mailed afterwards, or may have been", grouped(leavings["mailed_afterwards"])),
            ],
        ),
    ]
    if times := leavings["at_most_seconds"]:
        parts.append(
            f"From unsubscribing to the last such email took at most {_took(times['longest'])}, half of them at most "
            f"{_took(times['median'])}; {grouped(leavings['longer_than_a_day'])} took longer than a day. "
            "These are upper bounds: what is on record is when a batch was last written, after SES accepted its emails."
        )
    parts.append(
        f"Looked through, reader by reader: {_counted(leavings['sends_looked_through'], 'send')}. Of "
        f"{_counted(leavings['sends_forgotten'], 'send')} more, what became of single readers is forgotten already."
    )
    return parts


def _retention(retention: Mapping[str, Any]) -> list[str]:
    last, overdue = retention["last_night"], retention["overdue"]
    night = (
        f"The last nightly forgetting ended at {last['finished_at']}: {grouped(last['forgotten'])} people, "
        f"{_counted(last['sends'], 'send')}."
        if last
        else "The nightly forgetting has not run yet."
    )
    return [
        "## Retention",
        _table(("setting", "value"), [(f"`{name}`", value) for name, value in retention["settings"].items()]),
        f"0 is never, or for ever. {night}",
        _table(("overdue by more than two days", "number"), [(what, grouped(n)) for what, n in overdue.items()]),
    ]


def _processors(processors: Mapping[str, Any]) -> list[str]:
    return [
        "## Processors",
        f"{processors['processor']}, region {processors['region']}, under its data processing addendum. The privacy "
        f"notice at {processors['privacy_notice_url']} is {processors['privacy_notice']}. Whom else you engage (who "
        "reads replies, who keeps a copy of the list) is not known to the software: add them.",
        _table(("service", "what it does"), list(processors["services"].items())),
    ]


def _figures(figures: Mapping[str, Any], sends: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        ("sign-ups of which a receipt is left", figures["sign_ups_on_record"]),
        ("confirmations of which a receipt is left", figures["confirmations_on_record"]),
        ("joined, counted by night", figures["joined"]),
        ("left, counted by night", figures["left"]),
        *((f"left: {worded(reason)}", number) for reason, number in figures["left_by_reason"].items()),
        *((f"kept out: {worded(reason)}", number) for reason, number in figures["kept_out_by_reason"].items()),
        ("issues sent", figures["sends"]),
        ("emails sent", figures["mails_sent"]),
        *((f"emails: {worded(event)}", figures[event]) for event in ("hard_bounce", "soft_bounce", "complaint")),
    ]
    parts = [
        "## The year's figures",
        _table(("what", "number"), [(what, grouped(number)) for what, number in rows]),
        f"{figures['days_counted']} days of the year were counted. A sign-up that nobody confirms is erased after "
        "`UnconfirmedDays`, and is in none of these once it is.",
    ]
    if sends:
        columns = ("issue", "audience", "sent", "skipped", "failed", "hard_bounce", "complaint")
        table = [tuple("–" if row[name] is None else str(row[name]) for name in columns) for row in sends]
        parts.append(_table(tuple(name.replace("_", " ") for name in columns), table))
        if wrong := [row["issue"] for row in sends if not row["balanced"]]:
            parts.append(f"**Books that do not balance:** {', '.join(wrong)}.")
    return parts


def _findings(facts: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for whose, receipts in facts["receipts"].items():
        for finding in ("broken", "missing"):
            for subscriber_id in receipts[f"{finding}_ids"]:
                yield {"finding": f"receipt {finding} ({whose.replace('_', ' ')})", "subscriber_id": subscriber_id}
    for mail in facts["leavings"]["mails"]:
        yield {"finding": "mailed after leaving", **mail}


def _counted(number: int, noun: str) -> str:
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def _ids(ids: Sequence[str]) -> str:
    more = f" and {grouped(len(ids) - LISTED)} more, in findings.csv" if len(ids) > LISTED else ""
    return ", ".join(f"`{each}`" for each in ids[:LISTED]) + more


def _took(seconds: float) -> str:
    whole = timedelta(seconds=round(seconds))
    days, rest = whole.days, whole.seconds
    if days:
        return f"{days} d {rest // 3600} h"
    return f"{rest // 3600} h {rest % 3600 // 60} min" if rest >= 3600 else f"{rest // 60} min {rest % 60} s"  # noqa: PLR2004


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def _csv(rows: Iterable[Mapping[str, Any]], headings: Iterable[str]) -> str:
    file, columns = io.StringIO(), list(headings)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row.get(name) is None else guarded(str(row[name])) for name in columns])
    return file.getvalue()
