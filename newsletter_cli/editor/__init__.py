"""The verbs of an editor, every fortnight: write, check, publish, decide."""

from __future__ import annotations

import typer

from newsletter_cli.editor.check import check
from newsletter_cli.editor.decide import approve, decisions, hold, release, withdraw
from newsletter_cli.editor.issues import issues
from newsletter_cli.editor.mail_test import mail_a_test
from newsletter_cli.editor.new import new
from newsletter_cli.editor.preview import preview
from newsletter_cli.editor.publish import publish
from newsletter_cli.editor.schedule import schedule_app
from newsletter_cli.editor.settings import settings_app

PANEL = "Editors"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for verb in (new, preview, check, publish, approve, hold, release, withdraw, decisions, issues):
        app.command(rich_help_panel=PANEL)(verb)
    app.command("test-send", rich_help_panel=PANEL)(mail_a_test)
    app.add_typer(schedule_app, name="schedule", rich_help_panel=PANEL)
    app.add_typer(settings_app, name="settings", rich_help_panel=PANEL)
