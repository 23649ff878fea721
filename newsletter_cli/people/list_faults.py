"""What is wrong with a list, in the words of the command line: they name its options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from newsletter.errors import InvalidListError
from newsletter.readers.importing.domain.list_faults import ListFault
from newsletter_cli.problems import CommandError, UsageError

OF_THE_FILE = {
    ListFault.EMPTY: "{file} is empty.",
    ListFault.NO_TEXT: "{file} holds zero bytes: is it a spreadsheet, or a ZIP file? Save it as CSV in UTF-8.",
}
"""Nothing that was said could mend these."""

OF_THE_CALL = {
    ListFault.UNKNOWN_ENCODING: "There is no encoding {encoding}. Try --encoding cp1252 or --encoding utf-8.",
    ListFault.OTHER_ENCODING: "{file} is not in {encoding}. Leave out --encoding to have it found out.",
    ListFault.UNKNOWN_FIELD: "--map knows no field {field}. It knows {fields}.",
    ListFault.NO_ADDRESSES: "No column is headed like an address. Say which one it is, for example --map email=3.",
    ListFault.SAME_HEADING: "Columns {columns} have the same heading. Say which is meant: --map {field}={column}.",
    ListFault.NO_SUCH_COLUMN: "There is no column {column} for {field}; the file has {columns}.",
    ListFault.NO_SUCH_HEADING: "No column is headed {column}. Give its number instead: --map {field}=2.",
    ListFault.SEVERAL_SUCH_HEADINGS: "Several columns are headed {column}. Give its number instead: --map {field}=2.",
    ListFault.NO_CONSENT: (
        "The file does not say when each person confirmed, so you have to say where their consent comes from: "
        '--consent "Signed up at the fair, on paper", and --consent-date where the file has no date of a sign-up.'
    ),
    ListFault.NO_DATE: ("The file has no date of a sign-up. Say when consent was given: --consent-date 2024-05-31."),
}


@contextmanager
def in_our_words(file: object = "") -> Iterator[None]:
    """Say what is wrong with a list as a command says it.

    Raises:
        CommandError: Something is wrong with the file.
        UsageError: Something is wrong with what was said about it.
    """
    try:
        yield
    except InvalidListError as exc:
        fault = ListFault(exc.fault)
        if fault in OF_THE_CALL:
            raise UsageError(OF_THE_CALL[fault].format(file=file, **exc.about)) from exc
        raise CommandError(OF_THE_FILE.get(fault, str(exc)).format(file=file, **exc.about)) from exc
