"""`newsletter send outcome`: what became of one reader in one send."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter_cli.console import out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.sending.options import Data, SendName


def outcome(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Of the reader.")],
    issue: SendName,
    as_data: Data = False,
) -> None:
    """Say what became of one reader in one send, and why."""
    told = stack_of(context).control("look_up", slug=issue, email=email)
    if as_data:
        show_json(told)
        return
    proved = " SES reported that it took the mail." if told["proved"] else ""
    out.print(f"{told['outcome']}. {told['why']}".strip() + proved, markup=False)
    out.print(f"Subscriber {told['subscriber_id']}" + (f", batch {told['batch']}" if told["batch"] else ""))
