"""`newsletter send release-confirmations`: mail to people who sign up goes on, after its breaker held it."""

from __future__ import annotations

import typer

from newsletter_cli.console import out
from newsletter_cli.context import stack_of


def release_confirmations(context: typer.Context) -> None:
    """Let confirmations, moves and reminders go on that were held for too many bounces or complaints."""
    released = stack_of(context).control("release_confirmations")["released"]
    out.print("They go on." if released else "They were not held.")
