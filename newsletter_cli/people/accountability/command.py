"""`newsletter accountability`: the pack for a regulator or trustees, written into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.people.accountability.gather import gather
from newsletter_cli.people.accountability.pack import files
from newsletter_cli.problems import CommandError


def accountability(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder for the pack.", metavar="OUTDIR")],
    year: Annotated[int | None, typer.Option(min=2000, max=9998, help="Without it, this year.")] = None,
) -> None:
    """Write what can be shown of consent, unsubscribing, retention and a year's figures; no address is in it.

    Reads every record of the list, and every batch of the sends since the first leaving of the year: for a million
    people and 26 issues some minutes, and less than a dollar.
    """
    stack = stack_of(context)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CommandError(f"{folder} is there already, and not empty. Name another folder.")
    now = stack.app.clock.now()
    facts = gather(
        stack.app,
        year or now.astimezone(stack.app.rhythm.time_zone).year,
        stack=stack.name,
        region=stack.session.region_name or "",
        now=now,
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in files(facts).items():
        (folder / name).write_text(text, encoding="utf-8")
    receipts = facts["receipts"]
    wrong = sum(each[kind] for each in receipts.values() for kind in ("broken", "missing"))
    overdue = sum(facts["retention"]["overdue"].values())
    out.print(f"{folder / 'accountability.md'}: {facts['year']}", markup=False)
    out.print(
        f"{sum(each['good'] for each in receipts.values()):,} receipts hold, {wrong:,} are broken or missing; "
        f"{facts['leavings']['mailed_afterwards']:,} people may have been mailed after unsubscribing; "
        f"{overdue:,} overdue.",
        markup=False,
    )
