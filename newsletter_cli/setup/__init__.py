"""`newsletter setup` and `newsletter teardown`: from an account to the first email, and back.

They run on the machine of whoever keeps the account, with broad rights, and never in Lambda. `domain` knows what can be
known without asking; `jobs` are the way, step by step, over `ports`; `adapters` are AWS, the laptop, files and the
terminal.
"""

from __future__ import annotations

import typer

from newsletter_cli.setup.commands import setup, teardown

PANEL = "The first day, and the last"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("setup", rich_help_panel=PANEL)(setup)
    app.command("teardown", rich_help_panel=PANEL)(teardown)
