"""Why a list from elsewhere cannot be read, or not with what was said about it."""

from __future__ import annotations

from enum import StrEnum

from newsletter.errors import InvalidListError


class ListFault(StrEnum):
    """One word for each, for callers with words of their own: the command line names its options."""

    EMPTY = "empty"
    NO_TEXT = "no_text"
    UNKNOWN_ENCODING = "unknown_encoding"
    OTHER_ENCODING = "other_encoding"
    UNREADABLE_HEADINGS = "unreadable_headings"
    NOBODY = "nobody"
    UNKNOWN_FIELD = "unknown_field"
    NO_ADDRESSES = "no_addresses"
    SAME_HEADING = "same_heading"
    NO_SUCH_COLUMN = "no_such_column"
    NO_SUCH_HEADING = "no_such_heading"
    SEVERAL_SUCH_HEADINGS = "several_such_headings"
    NO_CONSENT = "no_consent"
    NO_DATE = "no_date"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    REPLACED = "replaced"
    CANNOT_BE_CUT = "cannot_be_cut"


SENTENCES = {
    ListFault.EMPTY: ("The file is empty.", "Export the list again, and upload that."),
    ListFault.NO_TEXT: (
        "The file is not plain text: it may be a spreadsheet or a ZIP file.",
        "Save it as CSV in UTF-8, and upload that.",
    ),
    ListFault.UNKNOWN_ENCODING: ("There is no encoding {encoding}.", "Choose another, or have it found out."),
    ListFault.OTHER_ENCODING: ("The file is not in {encoding}.", "Choose another encoding, or have it found out."),
    ListFault.UNREADABLE_HEADINGS: (
        "The first line cannot be read.",
        "It should hold the headings of the columns. Mend it, and upload the file again.",
    ),
    ListFault.NOBODY: ("The file has headings and nobody below them.", "Export the list again, and upload that."),
    ListFault.UNKNOWN_FIELD: ("There is no field {field}.", "There are: {fields}."),
    ListFault.NO_ADDRESSES: ("No column is headed like an address.", "Say which one holds the addresses."),
    ListFault.SAME_HEADING: (
        "Columns {columns} have the same heading.",
        "Say which of them holds the {field}.",
    ),
    ListFault.NO_SUCH_COLUMN: ("There is no column {column}.", "The file has {columns}."),
    ListFault.NO_SUCH_HEADING: ("No column is headed {column}.", "Choose one of the file’s own."),
    ListFault.SEVERAL_SUCH_HEADINGS: ("Several columns are headed {column}.", "Say which one by its number."),
    ListFault.NO_CONSENT: (
        "The file does not say when each person confirmed.",
        "Say where their consent comes from, and when they gave it where the file has no date of a sign-up.",
    ),
    ListFault.NO_DATE: ("The file has no date of a sign-up.", "Say when consent was given."),
    ListFault.TOO_LARGE: (
        "The file is larger than {megabytes} MB.",
        "Split it, and import one part after the other: nobody is doubled.",
    ),
    ListFault.TOO_MANY_ROWS: (
        "The file has more than {rows} rows.",
        "Split it, and import one part after the other: nobody is doubled.",
    ),
    ListFault.REPLACED: (
        "The file was replaced or removed after it was read.",
        "Begin a new import with the file you mean.",
    ),
    ListFault.CANNOT_BE_CUT: (
        "In this encoding the file cannot be read piece by piece.",
        "Save it as CSV in UTF-8, and upload that.",
    ),
}
"""What is wrong, and what to do about it, as a page says it."""


def list_fault(found_fault: ListFault, **about: str) -> InvalidListError:
    """Return the error for a fault; `about` fills its sentences."""
    message, remedy = SENTENCES[found_fault]
    return InvalidListError(message.format(**about), remedy.format(**about), fault=found_fault, about=about)
