"""The names of issues as arguments: written with or without their file's ending, completed by the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from newsletter_cli.problems import CommandError
from newsletter_cli.stack import find_stack


def slug_of(name: str) -> str:
    """Return the slug that was meant: `issues/2026-12-01-more.md` is `2026-12-01-more`."""
    return name.rpartition("/")[2].removesuffix(".md")


def names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the issues whose names begin so; none where nobody can be asked, as a shell shows no errors."""
    asked = context.find_root().params
    try:
        stack = find_stack(asked.get("stack") or "", local=bool(asked.get("local")), home=Path.cwd())
        known = stack.control("issues")["issues"]
    except (CommandError, BotoCoreError, ClientError):
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
