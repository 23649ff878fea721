"""`subscribers show`: everything on record about one person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from newsletter_cli.console import show_json, show_table
from newsletter_cli.context import readers_of
from newsletter_cli.people.arguments import AsJson, Email
from newsletter_cli.people.everyone import as_shown
from newsletter_cli.problems import CommandError


def show_subscriber(context: typer.Context, email: Email, as_json: AsJson = False) -> None:
    """Show one person: the record, the receipt of consent and whether it is unchanged, the last issues."""
    readers = readers_of(context)
    found = readers.find(email)
    if found.subscriber is None and found.suppression is None:
        raise CommandError("Nobody with this address is on the list. `subscribers add` asks them to confirm.")
    held: dict[str, Any] = as_shown(found.subscriber) if found.subscriber else {"subscriber_id": found.subscriber_id}
    held |= readers.evidence(email, found)
    if found.suppression is not None:
        suppression = asdict(found.suppression)
        del suppression["subscriber_id"]
        held["suppression"] = suppression
    if as_json:
        show_json(held)
        return
    show_table(("Field", "Value"), list(_lines(held)), nothing="")


def _lines(held: dict[str, Any]) -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for name, value in held.items():
        if name == "receipt_holds":
            said = "yes, nothing was changed since" if value else "NO: the receipt was changed after it was sealed"
            lines.append(("seal of the receipt holds", said))
        elif isinstance(value, dict):
            lines += [(f"{name} {key}".replace("_", " "), each) for key, each in value.items() if each]
        elif value not in ("", [], False):
            lines.append((name.replace("_", " "), ", ".join(value) if isinstance(value, list) else value))
    return lines
