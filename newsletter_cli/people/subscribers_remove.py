"""`subscribers remove`: somebody who asked an operator to be taken off the list."""

from __future__ import annotations

import typer

from newsletter.core.text import masked
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter_cli.console import confirm, out
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import DryRun, Email, Yes, mailbox_of
from newsletter_cli.problems import CommandError


def remove_subscriber(context: typer.Context, email: Email, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Unsubscribe somebody. Only they themselves can come back; the record stays, so that no import does it."""
    app = stack_of(context).app
    mailbox, subscriber_id = mailbox_of(app, email)
    subscriber, shown = app.subscribers.get(subscriber_id), masked(mailbox.email)
    if subscriber is None:
        raise CommandError("Nobody with this address is on the list. `suppressions add` keeps it out for the future.")
    if subscriber.status is Status.UNSUBSCRIBED and not subscriber.moved_to:
        out.print(f"{shown} has left already.", markup=False)
        return
    if dry_run:
        out.print(f"{shown} would be unsubscribed. Nothing was changed.", markup=False)
        return
    if confirm(f"Unsubscribe {shown}?", yes=yes):
        now = app.clock.now()
        unsubscribe(subscriber_id, subscribers=app.subscribers, now=now)
        out.print(f"{shown} is unsubscribed. No email was sent.", markup=False)
