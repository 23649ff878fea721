"""Backups of a whole stack, restoring them, and the drill that proves it."""

from __future__ import annotations

import typer

from newsletter_cli.operator.backup.backup import backup
from newsletter_cli.operator.backup.drill import drill
from newsletter_cli.operator.backup.restore import restore


def register(app: typer.Typer, panel: str) -> None:
    """Add the verbs to the command line."""
    app.command("backup", rich_help_panel=panel)(backup)
    app.command("restore", rich_help_panel=panel)(restore)
    app.command("drill", rich_help_panel=panel)(drill)
