"""`newsletter test-send`: an issue to one mailbox, as readers would get it."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.issue_names import IssueName


def mail_a_test(
    context: typer.Context,
    issue: IssueName,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Where to send it.")],
    name: Annotated[str, typer.Option(help="The reader's name to put in; if left out, a reader without one.")] = "",
) -> None:
    """Send an issue to one address: the real email with its real headers, counted in no books."""
    stack_of(context).control("test", slug=issue, email=email, name=name)
    out.print(f"A test of {issue} is on its way. Its links to leave work and change nothing.", markup=False)
