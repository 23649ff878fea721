"""`newsletter send release-confirmations`: mail to people who sign up goes on, after its breaker held it."""

from __future__ import annotations

import typer

from newsletter_cli.console import out
from newsletter_cli.context import stack_of


def release_confirmations(context: typer.Context) -> None:
    """Let confirmations, moves and reminders go out again that were held back after too many bounces or complaints."""
    released = stack_of(context).control("release_confirmations")["released"]
    out.print("They go out again." if released else "They were not held back.")
