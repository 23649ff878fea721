"""`newsletter send outcomes`: the readers of one send whose outcome is in doubt, by id."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsletter_cli.console import out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.problems import UsageError
from newsletter_cli.sending.options import Data, SendName


def outcomes(
    context: typer.Context,
    issue: SendName,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="Who may have got it twice, and of whom nothing is proven.")
    ] = False,
    as_data: Data = False,
) -> None:
    """List readers by how the send ended for them: ids and what is known, never an address."""
    if not doubtful:
        raise UsageError("Say whom to list: --doubtful. `newsletter send books` counts all outcomes.")
    stack, readers, after = stack_of(context), list[dict[str, Any]](), ""
    while True:
        page = stack.control("doubtful", slug=issue, after=after)
        readers += page["readers"]
        after = page["next"]
        if not after:
            break
    if as_data:
        show_json(readers)
        return
    for each in readers:
        reported = " SES reported that it took an email." if each["reported"] else ""
        line = f"{each['subscriber_id']} {each['outcome']}. {each['known']}{reported}"
        out.print(line, markup=False, soft_wrap=True)
    if not readers:
        out.print("Nobody is in doubt.")
