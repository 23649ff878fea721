"""What keeps a stack healthy: diagnosis, reports, backups, keys."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
