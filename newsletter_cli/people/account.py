"""The account of an import: every row that was read stands in it once."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.readers.domain.takeover import Imported

DONE = {
    Imported.ADDED: "added as confirmed, with the evidence as their receipt",
    Imported.ALREADY_HERE: "on the list already, and left as they are",
    Imported.TAGGED: "on the list already: the tags were added, and nothing else changed",
    Imported.KEPT_OUT: "out of the list there, and remembered, so that nobody adds them later",
}
"""Rows for which there is nothing left to do."""

REFUSED = {
    Imported.LEFT: "Left here. Only they themselves can come back, by signing up.",
    Imported.SUPPRESSED: "Suppressed here: bounced, complained, erased, or kept out by hand.",
    Imported.OUT_THERE: "Left, bounced or complained there. To remember that, import with --keep-out.",
    Imported.NO_EVIDENCE: "No evidence of consent. If you have it, say --consent and --consent-date.",
    "unconfirmed_there": "Never confirmed there. `subscribers add` sends a confirmation email.",
    "unknown_status": "A status that is not known here. Say with --map status=COLUMN which column is right.",
    "repeated": "The same mailbox is further up in the file.",
    "invalid_address": "Not an address that email can be sent to.",
    "invalid_field": "Not what the field can hold. To leave its column out, say --map field.KEY=0.",
    "damaged": "The line cannot be read.",
}
"""Rows that change nothing, by why."""

UNCONFIRMED_THERE = "They never confirmed there. Ask them with `subscribers add`."
"""What a file of rejects says of one such row."""


def summary(counts: Mapping[str, int], rows: int) -> dict[str, object]:
    """Return the account for programs.

    Shape: {"rows", "added", "already_here", "tagged", "kept_out", "refused": {why: count}}.
    """
    done = {str(each): counts.get(each, 0) for each in DONE}
    return {"rows": rows, **done, "refused": {str(each): counts[each] for each in REFUSED if counts.get(each)}}


def lines(counts: Mapping[str, int], rows: int) -> list[tuple[str, str]]:
    """Return the account for people: numbers, and what they count."""
    refused = {each: counts[each] for each in REFUSED if counts.get(each)}
    return [
        (f"{rows:,}", "rows"),
        *((f"{counts[each]:,}", words) for each, words in DONE.items() if counts.get(each)),
        *((f"{count:,}", f"refused: {REFUSED[each]}") for each, count in refused.items()),
    ]
