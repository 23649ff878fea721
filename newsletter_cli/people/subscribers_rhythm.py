"""`subscribers rhythm`: whether one person gets every issue or a monthly digest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_of, next_month
from newsletter.core.text import masked
from newsletter.desk.people.change_reader import ReaderChange, change_reader
from newsletter.errors import InvalidRequestError
from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import Email, mailbox_of
from newsletter_cli.problems import CommandError

Chosen = Annotated[ReadingRhythm, typer.Argument(help="What they want.", show_default=False)]


def set_rhythm_of_subscriber(context: typer.Context, email: Email, rhythm: Chosen) -> None:
    """Set how often one person hears from us, at their word. It counts from the first of next month on."""
    app = stack_of(context).app
    mailbox, subscriber_id = mailbox_of(app, email)
    month = month_of(app.rhythm.local_date(datetime.now(UTC)))
    try:
        changed = change_reader(
            subscriber_id,
            ReaderChange(reading_rhythm=rhythm),
            subscribers=app.subscribers,
            month=month,
            offers_digest=app.offers_digest(),
        )
    except InvalidRequestError as refusal:
        raise CommandError(f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.") from refusal
    since = f", from {next_month(month)}-01 on" if changed else " already"
    out.print(f"{masked(mailbox.email)}: {rhythm.value}{since}", markup=False)
