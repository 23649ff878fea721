"""`newsletter test-send`: an issue to one mailbox, as readers would get it."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter_cli.console import out
from newsletter_cli.context import backend_of
from newsletter_cli.issue_names import IssueName


def mail_a_test(
    context: typer.Context,
    issue: IssueName,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Where to send it.")],
    language: Annotated[str, typer.Option(metavar="CODE", help="One of its languages, such as cy; else each.")] = "",
    name: Annotated[str, typer.Option(help="The reader's name to put in; if left out, a reader without one.")] = "",
) -> None:
    """Send an issue to one address: the real email with its real headers, counted in no books."""
    answer = backend_of(context).control("test", slug=issue, email=email, name=name, language=language)
    languages = answer.get("languages", [])  # a stack of a release before translations has none
    each = f" in {', '.join(languages)}" if len(languages) > 1 or language else ""
    out.print(f"A test of {issue}{each} is on its way. Its links to leave work and change nothing.", markup=False)
