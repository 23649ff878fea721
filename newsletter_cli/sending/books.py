"""`newsletter send books`: who ended how in a send."""

from __future__ import annotations

import typer

from newsletter_cli.console import show_json
from newsletter_cli.context import backend_of
from newsletter_cli.sending.options import Data, SendName
from newsletter_cli.sending.status_text import show_books, show_reach


def books(context: typer.Context, issue: SendName, as_data: Data = False) -> None:
    """Show the books of a send: final ones, or counted at this moment."""
    current = backend_of(context).control("status", slug=issue)
    if as_data:
        show_json(current["books"])
    else:
        show_books(current["books"])
        show_reach(current)
