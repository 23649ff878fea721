"""`newsletter send cancel`: stop a send for good."""

from __future__ import annotations

import typer

from newsletter_cli.console import err, out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.problems import CommandError
from newsletter_cli.sending.options import Because, Data, DryRun, SendName, Yes, be_sure
from newsletter_cli.sending.standing import done, expected, show


def cancel(
    context: typer.Context,
    issue: SendName,
    because: Because,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_data: Data = False,
) -> None:
    """Stop a send for good: whoever has not got the issue does not get it."""
    stack = stack_of(context)
    told = stack.control("status", slug=issue)
    if told["state"] == "closed":
        raise CommandError(f"The send of {issue} is closed; there is nothing left to cancel.")
    missing = expected(told) - done(told["books"])
    err.print(f"{told['books']['sent']:,} have got {issue}; {missing:,} would not.", markup=False)
    if dry_run:
        out.print("Nothing was changed.")
        return
    be_sure("Cancel it?", yes=yes)
    told = stack.control("cancel", slug=issue, because=because)
    if as_data:
        show_json(told)
    else:
        show(told, stack.clock.now())
