"""What keeps a stack healthy: diagnosis, reports, backups, keys, the team."""

from __future__ import annotations

import typer

from newsletter_cli.operator import backup, dead_letters, doctor, reports
from newsletter_cli.operator.move_keys import move_keys
from newsletter_cli.operator.rotate_keys import rotate_keys
from newsletter_cli.operator.team import log, team_app
from newsletter_cli.protection import protect

PANEL = "Operators"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    doctor.register(app, PANEL)
    dead_letters.register(app, PANEL)
    backup.register(app, PANEL)
    app.command("rotate-keys", rich_help_panel=PANEL)(rotate_keys)
    app.command("move-keys", rich_help_panel=PANEL)(move_keys)
    reports.register(app, PANEL)
    app.add_typer(team_app, name="team", rich_help_panel=PANEL)
    app.command("log", rich_help_panel=PANEL)(log)
    app.command("protect", rich_help_panel=PANEL)(protect)
