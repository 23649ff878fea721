"""`suppressions list`: who must not be mailed, and why."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Annotated

import typer

from newsletter.readers.domain.suppression import SuppressionReason
from newsletter_cli.console import err, show_table
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import AsJson, Limit
from newsletter_cli.people.json_array import write_array


def list_suppressions(
    context: typer.Context,
    reason: Annotated[SuppressionReason | None, typer.Option(help="Only for this reason.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List suppressions, in no order. An address is known only while its owner has a record."""
    everyone = readers_of(context).suppressions(reason)
    if as_json:
        write_array(islice(everyone, limit), sys.stdout)
        return
    rows = [
        (
            each.get("email") or each["subscriber_id"],
            each["reason"],
            each["since"][:10],
            each.get("slug") or each.get("note", ""),
        )
        for each in islice(everyone, limit)
    ]
    show_table(("Address or id", "Reason", "Since", "Issue or note"), rows, nothing="Nobody is suppressed.")
    if next(everyone, None) is not None:
        err.print("There are more: --limit shows them, `newsletter export --suppressions` writes them all.")
