"""The list: who is on it, who comes, who leaves, who must not be mailed."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
