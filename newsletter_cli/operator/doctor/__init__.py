"""`newsletter doctor`: everything that can be wrong with a stack, and what to do about it."""

from __future__ import annotations

import typer

from newsletter_cli.operator.doctor.doctor import doctor


def register(app: typer.Typer, panel: str) -> None:
    """Add the verb to the command line."""
    app.command("doctor", rich_help_panel=panel)(doctor)
