"""What keeps a stack healthy: diagnosis, reports, backups, keys."""

from __future__ import annotations

import typer

from newsletter_cli.operator import reports


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    reports.register(app)
