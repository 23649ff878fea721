"""What steers a send while it goes out."""

from __future__ import annotations

import typer

from newsletter_cli.sending.again import rest, retry_failed
from newsletter_cli.sending.books import books
from newsletter_cli.sending.cancel import cancel
from newsletter_cli.sending.outcome import outcome
from newsletter_cli.sending.outcomes import outcomes
from newsletter_cli.sending.pause import pause, resume
from newsletter_cli.sending.rehearse import rehearse
from newsletter_cli.sending.release_confirmations import release_confirmations
from newsletter_cli.sending.repair import repair
from newsletter_cli.sending.replay import replay
from newsletter_cli.sending.status import status


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    send_app = typer.Typer(no_args_is_help=True, help="Look at a send and steer it: status, pause, resume, cancel ...")
    looking, steering = (status, outcome, outcomes, books), (pause, resume, cancel, retry_failed, rest, rehearse)
    for verb in (*looking, *steering, repair, replay, release_confirmations):
        send_app.command()(verb)
    app.add_typer(send_app, name="send", rich_help_panel="Sending")
