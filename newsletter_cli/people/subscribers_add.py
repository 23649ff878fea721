"""`subscribers add`: one person, who is asked to confirm, unless there is evidence that they consented."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from newsletter.errors import StoreBusyError
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Mailbox, Status
from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.importing.domain.rows import LONGEST_EVIDENCE, moment_of
from newsletter.readers.jobs.import_subscribers import import_subscribers
from newsletter.readers.jobs.subscribe import subscribe
from newsletter.readers.ports import SignUpPorts
from newsletter.wiring import App
from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.people.account import REFUSED
from newsletter_cli.people.arguments import Email, mailbox_of
from newsletter_cli.people.everyone import masked
from newsletter_cli.problems import CommandError, UsageError

SOURCE = "added by an operator"


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
    app = stack_of(context).app
    mailbox, subscriber_id = mailbox_of(app, email)
    suppression = app.suppressions.get(subscriber_id)
    if suppression is not None and not suppression.lifted_by_sign_up:
        raise CommandError(f"The address is suppressed ({suppression.reason}). See `suppressions remove`.")
    now = app.clock.now()
    if consent:
        date = moment_of(consent_date) if consent_date else now
        if date is None or date > now:
            raise UsageError("--consent-date takes a day that has been, such as 2024-05-31.")
        _add_at_once(app, subscriber_id, mailbox, name, lang, consent, date, now)
        out.print(f"{masked(mailbox.email)} is on the list. No email was sent.", markup=False)
        return
    if consent_date:
        raise UsageError("--consent-date needs --consent, a sentence that says how they consented.")
    existing = app.subscribers.get(subscriber_id)
    if existing is not None and existing.status is Status.CONFIRMED:
        out.print(f"{masked(mailbox.email)} is on the list already.", markup=False)
        return
    form = SignUp(email=mailbox.email, name=name, lang=lang, source=SOURCE)
    ports = SignUpPorts(app.subscribers, app.suppressions, app.greet_queue)
    subscribe(form, addresses=app.addresses, ports=ports, seal_key=app.address_key, delay=0, now=now)
    out.print(f"{masked(mailbox.email)} gets an email, and is on the list once its button is pressed.", markup=False)


def _add_at_once(
    app: App, subscriber_id: str, mailbox: Mailbox, name: str, lang: str, consent: str, date: datetime, now: datetime
) -> None:
    row = Row(
        subscriber_id=subscriber_id,
        email=mailbox.email,
        name=name,
        lang=lang,
        confirmed_at=date,
        source=consent[:LONGEST_EVIDENCE],
    )
    (outcome,) = import_subscribers(
        [row], ports=app.import_ports, seal_key=app.address_key, keep_out=False, dry_run=False, now=now
    )
    match outcome:
        case Imported.ADDED:
            return
        case Imported.ALREADY_HERE:
            existing = app.subscribers.get(subscriber_id)
            if existing is None:
                raise StoreBusyError("The list was changed at the same moment. Try again.")
            waiting = "They were asked to confirm and have not yet; " if existing.status is Status.UNCONFIRMED else ""
            raise CommandError(f"The address is on the list already. {waiting}nothing was changed.")
        case Imported.LEFT:
            raise CommandError("They left. Without --consent they get an email, and can come back by themselves.")
    raise CommandError(f"Not added. {REFUSED[outcome]} Without --consent they get an email and can confirm.")
