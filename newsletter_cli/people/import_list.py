"""`import`: a list from another system, as confirmed subscribers, with the evidence of consent it kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from newsletter.readers.domain.takeover import ExternalStatus, Imported, Row
from newsletter.readers.importing.domain.columns import Columns, find_columns
from newsletter.readers.importing.domain.csv_records import Record, records
from newsletter.readers.importing.domain.csv_text import DELIMITERS, CsvText
from newsletter.readers.importing.domain.rows import RowReading, Vouched, check_evidence, moment_of
from newsletter.readers.importing.domain.vendors import FIELDS
from newsletter.readers.jobs.import_subscribers import import_subscribers
from newsletter_cli.console import confirm, err, out, show_json, show_table
from newsletter_cli.context import stack_of
from newsletter_cli.people.account import lines, summary
from newsletter_cli.people.arguments import tags_of
from newsletter_cli.people.csv_text import inspect
from newsletter_cli.people.journal import Journal
from newsletter_cli.people.list_faults import in_our_words
from newsletter_cli.people.rejects import Rejects
from newsletter_cli.people.take_over import take_over
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

DELIMITER_WORDS = dict(zip(DELIMITERS, ("commas", "semicolons", "tabs", "bars"), strict=True))


def import_list(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file, as the other system exports it.", show_default=False)],
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help=f"Which column is what: {', '.join(FIELDS)}, field.KEY."),
    ] = None,
    consent: Annotated[str, typer.Option(help="A sentence: where the consent of these people comes from.")] = "",
    consent_date: Annotated[str, typer.Option(help="When they gave it, where the file has no date.")] = "",
    status: Annotated[
        ExternalStatus | None,
        typer.Option("--as", help="The status that everybody in this file has in the other system."),
    ] = None,
    keep_out: Annotated[
        bool, typer.Option("--keep-out", help="Remember who left, bounced or complained there.")
    ] = False,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="Tag everybody in the file with this; can be repeated.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of the file, where it is not found out rightly.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Give the whole account, and write nobody.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Take over a list from another system. Nobody gets an email.

    Only people with evidence of consent are added. Whoever left here, was suppressed, or asked to be forgotten is never
    brought back. Run the same command again after an interruption: it goes on, and doubles nobody.
    """
    tags_of_all = tags_of(tags or [])
    text = inspect(file, encoding=encoding)
    with _open(file, text) as found:
        first = next(found, None)
        if first is None or first.fault:
            raise CommandError(f"The first line of {file} cannot be read. It should hold the headings of the columns.")
        mapping, reader_fields = _mapping(mapped or []), stack_of(context).app.reader_fields()
        with in_our_words(file):
            columns = find_columns(first.cells, mapping, reader_fields)
        _tell(file, text, columns, [each.form_name for each in reader_fields])
        date = _date(consent_date)
        vouched = Vouched(consent, date, status, tags_of_all)
        with in_our_words(file):
            check_evidence(columns, vouched)
        if not columns.headings:
            found = chain([first], found)
        elif (some := next(found, None)) is None:
            raise CommandError(f"{file} has headings and nobody below them.")
        else:
            found = chain([some], found)
        if not (dry_run or confirm(f"Import into {stack_of(context).name}?", yes=yes)):
            return
        stack = stack_of(context)
        reading = RowReading(columns, stack.app.addresses, vouched, reader_fields)
        work = _work(text, columns, stack.name, consent, consent_date, str(status), str(keep_out), *sorted(tags_of_all))
        with Journal(_beside(file, "journal", dry_run), work=work, now=stack.app.clock.now()) as journal:
            _run(found, file, text, reading, stack, journal, keep_out=keep_out, dry_run=dry_run, as_json=as_json)


def _run(
    found: Iterator[Record],
    file: Path,
    text: CsvText,
    reading: RowReading,
    stack: Stack,
    journal: Journal,
    *,
    keep_out: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    rejects_file = file.with_name(f"{file.name}.{'would-be-' if dry_run else ''}rejects.csv")
    rejects = Rejects(rejects_file, reading.columns, keep=journal.rejects)
    if journal.goes_on:
        err.print(f"Going on behind line {journal.line:,}.", markup=False)

    def import_rows(rows: Sequence[Row]) -> list[Imported]:
        return import_subscribers(
            rows,
            ports=stack.app.import_ports,
            seal_key=stack.app.address_key,
            keep_out=keep_out,
            dry_run=dry_run,
            now=journal.began_at,
        )

    try:
        with progress() as bar:
            task = bar.add_task("Looking" if dry_run else "Importing", total=text.lines, completed=journal.line)
            advance = partial(bar.update, task)
            take_over(
                found,
                reading=reading,
                import_rows=import_rows,
                journal=journal,
                rejects=rejects,
                advance=lambda line: advance(completed=line),
            )
            advance(completed=text.lines)
    except KeyboardInterrupt as exc:
        goes_on = "" if dry_run else f" Everything up to line {journal.line:,} is done; the same command goes on there."
        raise CommandError(f"Stopped.{goes_on}") from exc
    counts, rows = journal.counts, journal.counts.total()
    journal.finish()
    _answer(summary(counts, rows), lines(counts, rows), rejects, dry_run=dry_run, as_json=as_json)


def _answer(
    account: dict[str, object], shown: list[tuple[str, str]], rejects: Rejects, *, dry_run: bool, as_json: bool
) -> None:
    where = str(rejects.path) if rejects.size else ""
    if as_json:
        show_json({**account, "dry_run": dry_run, "rejects": where})
        return
    show_table(("Rows", "Dry run: what would become of them" if dry_run else "What became of them"), shown, nothing="")
    if where:
        out.print(f"The refused rows, each with its line and reason: {where}", markup=False, soft_wrap=True)
    out.print("Nothing was written to the list." if dry_run else "Nobody was sent an email.")


@contextmanager
def _open(file: Path, text: CsvText) -> Iterator[Iterator[Record]]:
    with file.open(encoding=text.encoding, errors="replace", newline="") as opened:
        yield records(opened, delimiter=text.delimiter)


def _tell(file: Path, text: CsvText, columns: Columns, names_of_fields: Sequence[str]) -> None:
    delimiter = DELIMITER_WORDS[text.delimiter]
    err.print(
        f"[bold]{escape(file.name)}[/]: {columns.vendor.name}, {text.encoding}, {delimiter}, {text.lines:,} lines"
    )
    if text.words:
        err.print(f"  Are these words right? {', '.join(text.words)}. If not, say --encoding.", markup=False)
    for field in (*FIELDS, *names_of_fields):
        if heading := columns.heading(field):
            err.print(f"  {field:<13} {heading}", markup=False)


def _mapping(mapped: Sequence[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in mapped]
    if any(not (field and column) for field, _, column in pairs):
        raise UsageError("--map takes FIELD=COLUMN, for example --map email=3.")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _date(said: str) -> datetime | None:
    if not said:
        return None
    date = moment_of(said)
    if date is None:
        raise UsageError("--consent-date takes a day such as 2024-05-31.")
    return date


def _beside(file: Path, what: str, dry_run: bool) -> Path | None:
    return None if dry_run else file.with_name(f"{file.name}.{what}")


def _work(text: CsvText, columns: Columns, *said: str) -> str:
    whole = json.dumps([text.fingerprint, text.encoding, text.delimiter, columns.places, *said], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
