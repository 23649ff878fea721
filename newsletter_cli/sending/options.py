"""Arguments that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter_cli.console import confirm
from newsletter_cli.issue_names import IssueName
from newsletter_cli.problems import CommandError

SendName = IssueName
"""Rehearsals have names too: `2026-12-01-more-for-more_rehearsal_1`."""

Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="A sentence that others will understand.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
Data = Annotated[bool, typer.Option("--json", help="For programs.")]


def be_sure(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back.

    Raises:
        CommandError: The answer is no.
    """
    if not confirm(question, yes=yes):
        raise CommandError("Nothing was changed.")
