"""What becomes of the rows of a list, and why a row changed nothing."""

from __future__ import annotations

from newsletter.readers.domain.takeover import Imported

DONE = (Imported.ADDED, Imported.ALREADY_HERE, Imported.TAGGED, Imported.KEPT_OUT)
"""Rows for which there is nothing left to do."""

REASONS = {
    Imported.LEFT: "Left here. Only they themselves can come back, by signing up.",
    Imported.SUPPRESSED: "Suppressed here: bounced, complained, erased, or kept out by hand.",
    Imported.OUT_THERE: "Left, bounced or complained there, and nobody asked us to remember it.",
    Imported.NO_EVIDENCE: "No evidence of consent: when they agreed, and where.",
    "unconfirmed_there": "They never confirmed there. Let them sign up, or add them by hand: they are asked first.",
    "unknown_status": "The status is a word that is not known here.",
    "repeated": "The same mailbox is further up in the file.",
    "invalid_address": "Not an address that email can be sent to.",
    "invalid_field": "What stands in the column of a field is not what the field can hold.",
    "damaged": "The line cannot be read.",
}
"""Rows that change nothing, by why, as a file of rejects says it."""

WORDS = tuple(str(word) for word in (*DONE, *REASONS))
"""All words of an account: every row that was read stands in it once."""
