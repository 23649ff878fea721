"""`newsletter send books`: who ended how in a send."""

from __future__ import annotations

import typer

from newsletter_cli.console import show_json
from newsletter_cli.context import stack_of
from newsletter_cli.sending.options import Data, SendName
from newsletter_cli.sending.status_text import show_books


def books(context: typer.Context, issue: SendName, as_data: Data = False) -> None:
    """Show the books of a send: final ones, or counted at this moment."""
    counts = stack_of(context).control("status", slug=issue)["books"]
    if as_data:
        show_json(counts)
    else:
        show_books(counts)
