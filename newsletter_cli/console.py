"""How commands speak: tables and questions for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from newsletter_cli.problems import UsageError

out = Console(highlight=False)
"""What a command answers."""

err = Console(stderr=True, highlight=False)
"""What it says beside: progress and problems, so that a pipe gets the answer alone."""


def show_json(value: object) -> None:
    """Print an answer as JSON, and nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, nothing: str) -> None:
    """Print rows under headings, or the sentence `nothing` if there are none."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        # Names and addresses are other people's words: they must not be read as markup.
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    if table.row_count:
        out.print(table)
    else:
        out.print(nothing)


def confirm(question: str, *, yes: bool) -> bool:
    """Ask before something that cannot be taken back; `--yes` is the answer of scripts.

    Raises:
        UsageError: Nobody is there to answer.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("This asks for confirmation, and nobody is there to answer. Say --yes.")
    return err.input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


Row = dict[str, Any]
