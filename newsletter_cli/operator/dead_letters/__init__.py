"""`newsletter dead-letters`: what failed for good, and the way back."""

from __future__ import annotations

import typer

from newsletter_cli.operator.dead_letters import list_queues, replay, show


def register(app: typer.Typer, panel: str) -> None:
    """Add the verbs to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Messages that failed for good: look at them, send them back.")
    group.command("list")(list_queues.list_queues)
    group.command("show")(show.show)
    group.command("replay")(replay.replay)
    app.add_typer(group, name="dead-letters", rich_help_panel=panel)
