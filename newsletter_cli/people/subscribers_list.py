"""`subscribers list`: who is on the list."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Annotated

import typer

from newsletter.readers.domain.subscriber import Status
from newsletter.readers.importing.domain.export_rows import shown_status
from newsletter.readers.tags import checked_tag
from newsletter_cli.console import err, show_table
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import AsJson, Limit
from newsletter_cli.people.everyone import as_shown, day
from newsletter_cli.people.json_array import write_array
from newsletter_cli.problems import UsageError


def list_subscribers(
    context: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Only people of this status.")] = None,
    tag: Annotated[str, typer.Option(help="Only people with this tag who may be mailed.")] = "",
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List subscribers, in no order. It reads only as much of the list as it shows."""
    if tag and status not in (None, Status.CONFIRMED):
        raise UsageError("--tag finds people who may be mailed; leave --status out.")
    readers = readers_of(context)
    people = readers.tagged(checked_tag(tag)) if tag else readers.everyone(status)
    if as_json:
        write_array((as_shown(subscriber) for subscriber in islice(people, limit)), sys.stdout)
        return
    rows = [
        (
            subscriber.email or f"(no address) {subscriber.subscriber_id}",
            subscriber.name,
            shown_status(subscriber),
            day(subscriber.confirmed_at),
        )
        for subscriber in islice(people, limit)
    ]
    show_table(("Address", "Name", "Status", "Confirmed"), rows, nothing="Nobody.")
    if next(people, None) is not None:
        err.print("There are more: --limit shows them, `newsletter export` writes them all.")
