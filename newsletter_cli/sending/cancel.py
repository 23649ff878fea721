"""`newsletter send cancel`: stop a send for good."""

from __future__ import annotations

import typer

from newsletter_cli.console import err, out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.problems import CommandError
from newsletter_cli.sending.options import Because, Data, DryRun, SendName, Yes, be_sure
from newsletter_cli.sending.status_text import done, expected, show


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
    status = stack.control("status", slug=issue)
    if status["state"] == "closed":
        raise CommandError(f"The send of {issue} is closed; there is nothing left to cancel.")
    missing = expected(status) - done(status["books"])
    err.print(f"{status['books']['sent']:,} have got {issue}; {missing:,} would not.", markup=False)
    if dry_run:
        out.print("Nothing was changed.")
        return
    be_sure("Cancel it?", yes=yes)
    status = stack.control("cancel", slug=issue, because=because)
    if as_data:
        show_json(status)
    else:
        show(status, stack.clock.now())
