"""The names of issues as arguments: written with or without their file's ending, completed by the shell."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.issues.domain.upload import translation_of
from newsletter_cli.backend import Choice
from newsletter_cli.context import backend_of
from newsletter_cli.problems import CommandError


def slug_of(name: str) -> str:
    """Return the slug that was meant: `issues/2026-12-01-more.md` is `2026-12-01-more`, a translation is its issue."""
    file_name = name.rpartition("/")[2]
    return translation_of(f"issues/{file_name}")[0] or file_name.removesuffix(".md")


def names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the issues whose names begin so; none where nobody can be asked, as a shell shows no errors."""
    from botocore.exceptions import BotoCoreError, ClientError

    if context.obj is None:  # while a shell completes, no command was called that would have said it
        asked = context.find_root().params
        context.obj = Choice(
            asked.get("stack") or "", bool(asked.get("local")), asked.get("api") or "", asked.get("api_key_file")
        )
    try:
        known = backend_of(context).control("issues")["issues"]
    except (CommandError, BotoCoreError, ClientError, OSError):
        return []
    return [issue["slug"] for issue in known if issue["slug"].startswith(incomplete)]


IssueName = Annotated[
    str,
    typer.Argument(
        metavar="ISSUE",
        help="The name of an issue, such as 2026-12-01-more-for-more.",
        autocompletion=names,
        callback=lambda value: slug_of(value) if value else value,
    ),
]
