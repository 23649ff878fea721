"""`export`: the whole list, or all suppressions, into a file that only its owner can read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from newsletter.readers.domain.subscriber import Status
from newsletter.readers.importing.domain.export_rows import OF_SUPPRESSIONS, headings_of_people
from newsletter.readers.importing.export_lines import people_rows, suppression_rows, table_lines
from newsletter_cli.console import err
from newsletter_cli.context import stack_of
from newsletter_cli.people.everyone import as_shown
from newsletter_cli.people.json_array import write_array
from newsletter_cli.problems import CommandError, UsageError


class Format(StrEnum):
    """What a file can be written as."""

    CSV = "csv"
    JSON = "json"


def export_list(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="csv for spreadsheets, json for everything held.")] = (
        Format.CSV
    ),
    status: Annotated[Status | None, typer.Option(help="Only people of this status.")] = None,
    suppressions: Annotated[bool, typer.Option("--suppressions", help="Who must not be mailed, instead.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; without it, on this terminal or into a pipe.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write everybody out, with the receipts of their consent. The file holds addresses: keep it where they may be."""
    if suppressions and status is not None:
        raise UsageError("Suppressions have no status. Leave out --status.")
    app = stack_of(context).app
    with _opened(output, force=force) as file:
        if suppressions:
            everyone = suppression_rows(app.suppressions, app.subscribers)
            count = write_array(everyone, file) if form is Format.JSON else _table(everyone, OF_SUPPRESSIONS, file)
        elif form is Format.JSON:
            count = write_array(
                (as_shown(subscriber) for subscriber in app.subscribers.everyone(subscriber_status=status)), file
            )
        else:
            count = _table(people_rows(app.subscribers, status), headings_of_people(app.reader_fields()), file)
    where = f" in {output}" if output else ""
    err.print(f"{count:,} {'suppressions' if suppressions else 'people'}{where}.", markup=False)


def _table(rows: Iterator[dict[str, Any]], headings: tuple[str, ...], file: TextIO) -> int:
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    file.writelines(table_lines(counted(), headings))
    return count


@contextmanager
def _opened(path: Path | None, *, force: bool) -> Iterator[TextIO]:
    """Open a file beside the wanted one, and put it in its place once it is whole."""
    if path is None:
        yield sys.stdout
        return
    if path.exists() and not force:
        raise CommandError(f"{path} is there already. Say --force to replace it, or another name.")
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise CommandError(f"{path} cannot be written: {exc.strerror or 'unknown reason'}.") from exc
    try:
        with open(opened, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - an open file
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
