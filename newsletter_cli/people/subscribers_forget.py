"""`subscribers forget`: erase all that is held about a person, and keep only that they must not be mailed."""

from __future__ import annotations

import typer

from newsletter.core.text import masked
from newsletter_cli.console import confirm, out
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import DryRun, Email, Yes
from newsletter_cli.problems import CommandError


def forget_subscriber(context: typer.Context, email: Email, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Erase a person: the record, its receipt, and those of their old addresses. This cannot be taken back.

    A keyed hash stays, which says not to mail the address; no import brings it back, a sign-up of their own does.
    """
    readers = readers_of(context)
    found = readers.find(email)
    shown = masked(email)
    if found.subscriber is None:
        if found.suppression is not None:
            out.print(f"Nothing is kept about {shown} except that it must not be mailed.", markup=False)
            return
        raise CommandError("Nothing is kept about this address. `suppressions add` keeps it out for the future.")
    if dry_run:
        out.print(f"Everything about {shown} would be erased. Nothing was changed.", markup=False)
        return
    if confirm(f"Erase everything about {shown}? This cannot be taken back.", yes=yes):
        readers.erase(found.subscriber_id)
        out.print(
            f"Everything about {shown} is erased. Backups still hold it until they expire, and so does every file "
            "that was exported.",
            markup=False,
        )
