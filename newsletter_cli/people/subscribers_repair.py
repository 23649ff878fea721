"""`subscribers repair`: save what can still be read of a record in which somebody else has written."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.problems import CommandError

Apply = Annotated[bool, typer.Option("--apply", help="Do it; without this, it only says what would be done.")]


def repair_subscriber(
    context: typer.Context,
    subscriber_id: Annotated[str, typer.Argument(metavar="ID", help="As `send repair` names it.")],
    apply: Apply = False,
) -> None:
    """Say what can be saved of a record that cannot be read, and with --apply write it without the rest."""
    subscribers = stack_of(context).app.subscribers
    saved = subscribers.saved_of(subscriber_id)
    if saved is None:
        out.print("There is no record with this id that cannot be read.")
        return
    if saved.subscriber is None:
        raise CommandError(
            "What decides whether this reader may be mailed cannot be read. Restore the record from the backup of the"
            " table `subscribers`; see docs/operate.md."
        )
    lost = ", ".join(saved.lost)
    if not apply:
        out.print(f"The record would lose: {lost}. Nothing was changed. Run it again with --apply.", markup=False)
        return
    subscribers.replace_unreadable(saved.subscriber)
    out.print(f"The record can be read again. It has lost: {lost}.", markup=False)
