"""What an editor does every fortnight: write, check, publish, decide."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
