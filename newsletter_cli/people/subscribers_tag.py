"""`subscribers tag` and `subscribers untag`: which parts of the list somebody is in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer

from newsletter.core.text import masked
from newsletter_cli.console import out
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import Email, tags_of
from newsletter_cli.problems import CommandError

Tags = Annotated[list[str], typer.Argument(help="One or more tags.", show_default=False)]

NOBODY = "Nobody with this address is on the list. `subscribers add` asks them to confirm."


def tag_subscriber(context: typer.Context, email: Email, tags: Tags) -> None:
    """Tag one person. To tag many, import a file with their addresses and --tag."""
    _change(context, email, added=tags_of(tags))


def untag_subscriber(context: typer.Context, email: Email, tags: Tags) -> None:
    """Take tags off one person."""
    _change(context, email, removed=tags_of(tags))


def _change(context: typer.Context, email: str, *, added: Collection[str] = (), removed: Collection[str] = ()) -> None:
    readers = readers_of(context)
    found = readers.find(email)
    kept = readers.change_tags(found.subscriber_id, added=added, removed=removed) if found.subscriber else None
    if kept is None:
        raise CommandError(NOBODY)
    out.print(f"Tags of {masked(email)}: {', '.join(sorted(kept)) or 'none'}", markup=False)
