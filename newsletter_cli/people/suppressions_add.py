"""`suppressions add`: an address that an operator wants never to be mailed."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.core.text import masked
from newsletter_cli.console import out
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import DryRun, Email


def add_suppression(
    context: typer.Context,
    email: Email,
    because: Annotated[str, typer.Option(help="Why, in a few words without the address.", show_default=False)],
    dry_run: DryRun = False,
) -> None:
    """Never mail this address again, whether or not it is on the list, and whoever signs it up."""
    readers = readers_of(context)
    found = readers.find(email)
    shown, suppression = masked(email), found.suppression
    if suppression is not None and not suppression.lifted_by_sign_up:
        out.print(f"{shown} is suppressed already ({suppression.reason}).", markup=False)
        return
    if dry_run:
        out.print(f"{shown} would be suppressed. Nothing was changed.", markup=False)
        return
    readers.suppress(found.subscriber_id, because)
    out.print(f"{shown} will not be mailed again.", markup=False)
