"""What keeps a stack healthy: diagnosis, reports, backups, keys."""

from __future__ import annotations

import typer

from newsletter_cli.operator import backup, dead_letters, doctor, reports
from newsletter_cli.operator.rotate_keys import rotate_keys


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    doctor.register(app)
    dead_letters.register(app)
    backup.register(app)
    app.command("rotate-keys")(rotate_keys)
    reports.register(app)
