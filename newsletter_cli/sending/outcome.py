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
    answer = stack_of(context).control("look_up", slug=issue, email=email)
    if as_data:
        show_json(answer)
        return
    proved = " SES reported that it accepted the email." if answer["proved"] else ""
    out.print(f"{answer['outcome']}. {answer['why']}".strip() + proved, markup=False)
    out.print(f"Subscriber {answer['subscriber_id']}" + (f", batch {answer['batch']}" if answer["batch"] else ""))
