"""`newsletter new`: an issue file to begin with."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from newsletter.desk.drafts.open_draft import slug_of
from newsletter_cli.console import out
from newsletter_cli.context import backend_of
from newsletter_cli.problems import CommandError, UsageError

BEGINNING = """---
{title}
date: {day}
status: draft # say "ready" when it may go out
---

Hello {{{{ name | there }}}},

"""


def new(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="The title, as readers will see it.")],
    day: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="Day of the issue; if left out, the next free slot.")
    ] = "",
    folder: Annotated[Path, typer.Option("--in", metavar="FOLDER", help="Where to put the file.")] = Path(),
) -> None:
    """Begin an issue: a file with its front matter, dated to the next slot that has no issue yet."""
    words = " ".join(title.split())
    if not words:
        raise UsageError("An issue needs a title, for example: newsletter new 'More for more'")
    chosen = _day(day) if day else _next_free_day(context)
    file = folder / f"{slug_of(chosen, words)}.md"
    field = yaml.safe_dump({"title": words}, allow_unicode=True, width=10_000).strip()
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(BEGINNING.format(title=field, day=chosen.isoformat()))
    except FileExistsError as exc:
        raise CommandError(f"{file} exists already and stays as it is. Choose another title or --date.") from exc
    except OSError as exc:
        raise CommandError(f"{file} cannot be written: {exc.strerror}. Name another folder with --in.") from exc
    out.print(f"{file}\nPictures go into {file.with_suffix('')}/. See it while you write: newsletter preview {file}",
              markup=False, soft_wrap=True)  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"{text!r} is not a day. Write it like this: --date 2026-12-01") from exc


def _next_free_day(context: typer.Context) -> date:
    try:
        answer = backend_of(context).control("slots")
    except CommandError as exc:
        raise CommandError(f"{exc} Or say the day of the issue with --date.") from exc
    free = next((slot for slot in answer["next"] if slot not in answer["issues"]), None)
    if free is None:
        raise CommandError("All slots of the coming year have an issue. Say the day with --date.")
    return datetime.fromisoformat(free).date()
