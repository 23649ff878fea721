"""`newsletter issues`: which issues there are, and how each stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from newsletter_cli.console import show_json, show_table
from newsletter_cli.context import backend_of


def issues(
    context: typer.Context,
    number: Annotated[int, typer.Option(min=1, max=600, help="How many, the newest first.")] = 60,
    as_data: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the issues, newest first, with the books of those that went out."""
    listed = backend_of(context).control("issues", number=number)["issues"]
    if as_data:
        show_json(listed)
        return
    show_table(
        ("issue", "status", "title", "sent"),
        ((each["slug"], _status(each), each["title"], _sent(each["books"])) for each in listed),
        nothing="There are no issues yet. Begin one with `newsletter new`.",
    )


def _status(issue: Mapping[str, Any]) -> str:
    notes = [note for note in ("held", "approved") if issue[note] and issue["status"] in ("ready", "draft")]
    if issue["errors"]:
        notes.append("has errors")
    return ", ".join([issue["status"], *notes])


def _sent(books: Mapping[str, int] | None) -> str:
    if books is None:
        return ""
    rest = [f"{books[what]:,} {what}" for what in ("skipped", "failed") if books[what]]
    return ", ".join([f"{books['sent']:,} of {books['audience']:,}", *rest])
