"""`subscribers tag` and `subscribers untag`: which parts of the list somebody is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from newsletter.core.text import masked
from newsletter.errors import InvalidRequestError
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.records import update
from newsletter.readers.tags import with_tags, without_tags
from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import Email, mailbox_of, tags_of
from newsletter_cli.problems import CommandError

Tags = Annotated[list[str], typer.Argument(help="One or more tags.", show_default=False)]

NOBODY = "Nobody with this address is on the list. `subscribers add` asks them to confirm."
BUSY = "the record is being changed at the same moment; try again"


def tag_subscriber(context: typer.Context, email: Email, tags: Tags) -> None:
    """Tag one person. To tag many, import a file with their addresses and --tag."""
    wanted = tags_of(tags)
    _change(context, email, lambda subscriber: with_tags(subscriber, wanted))


def untag_subscriber(context: typer.Context, email: Email, tags: Tags) -> None:
    """Take tags off one person."""
    unwanted = tags_of(tags)
    _change(context, email, lambda subscriber: without_tags(subscriber, unwanted))


def _change(context: typer.Context, email: str, rule: Callable[[Subscriber], Subscriber]) -> None:
    app = stack_of(context).app
    mailbox, subscriber_id = mailbox_of(app, email)
    try:
        updated = update(app.subscribers, subscriber_id, rule, busy=BUSY)
    except InvalidRequestError as refusal:
        raise CommandError(f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.") from refusal
    if updated is None:
        raise CommandError(NOBODY)
    tags = ", ".join(sorted(updated.after.tags)) or "none"
    out.print(f"Tags of {masked(mailbox.email)}: {tags}", markup=False)
