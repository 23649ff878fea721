"""`subscribers add`: one person, who is asked to confirm, unless there is evidence that they consented."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from newsletter.core.text import masked
from newsletter.desk.people.add_reader import Added, NewReader
from newsletter.readers.importing.domain.rows import moment_of
from newsletter_cli.console import out
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import Email
from newsletter_cli.problems import UsageError

SOURCE = "added by an operator"

DONE = {
    Added.ASKED: "gets an email, and is on the list once its button is pressed.",
    Added.ON_THE_LIST: "is on the list. No email was sent.",
    Added.ALREADY: "is on the list already. Nothing was changed.",
}
"""What came of it, behind the address."""


def add_subscriber(
    context: typer.Context,
    email: Email,
    name: Annotated[str, typer.Option(help="What they are called.")] = "",
    lang: Annotated[str, typer.Option(help="The language of emails to them, for example de.")] = "",
    consent: Annotated[str, typer.Option(help="A sentence: how they consented. Then no email is sent.")] = "",
    consent_date: Annotated[str, typer.Option(help="When they consented; now if it is left out.")] = "",
) -> None:
    """Add one person. They get the same email as from the form and are on the list once they confirm.

    With --consent they are on the list at once, without an email, and your sentence is in their receipt.
    """
    readers = readers_of(context)
    moment = _moment(consent, consent_date, readers.now())
    added = readers.add(NewReader(email, name, lang, SOURCE, consent, moment))
    out.print(f"{masked(email)} {DONE[added]}", markup=False)


def _moment(consent: str, consent_date: str, now: datetime) -> datetime | None:
    if not consent_date:
        return None
    if not consent:
        raise UsageError("--consent-date needs --consent, a sentence that says how they consented.")
    moment = moment_of(consent_date)
    if moment is None or moment > now:
        raise UsageError("--consent-date takes a day that has been, such as 2024-05-31.")
    return moment
