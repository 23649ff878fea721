"""`subscribers remove`: somebody who asked an operator to be taken off the list."""

from __future__ import annotations

import typer

from newsletter.core.text import masked
from newsletter.readers.domain.subscriber import Status
from newsletter_cli.console import confirm, out
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import DryRun, Email, Yes
from newsletter_cli.problems import CommandError


def remove_subscriber(context: typer.Context, email: Email, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Unsubscribe somebody. Only they themselves can come back; the record stays, so that no import does it."""
    readers = readers_of(context)
    found = readers.find(email)
    subscriber, shown = found.subscriber, masked(email)
    if subscriber is None:
        raise CommandError("Nobody with this address is on the list. `suppressions add` keeps it out for the future.")
    if subscriber.status is Status.UNSUBSCRIBED and not subscriber.moved_to:
        out.print(f"{shown} has left already.", markup=False)
        return
    if dry_run:
        out.print(f"{shown} would be unsubscribed. Nothing was changed.", markup=False)
        return
    if confirm(f"Unsubscribe {shown}?", yes=yes):
        readers.unsubscribe(found.subscriber_id)
        out.print(f"{shown} is unsubscribed. No email was sent.", markup=False)
