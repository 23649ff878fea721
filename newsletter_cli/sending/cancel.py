"""`newsletter send cancel`: stop a send for good."""

from __future__ import annotations

import typer

from newsletter_cli.console import err, out, show_json
from newsletter_cli.context import backend_of
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
    backend = backend_of(context)
    status = backend.control("status", slug=issue)
    if status["state"] == "closed":
        raise CommandError(f"The send of {issue} is closed; there is nothing left to cancel.")
    # Whom a worker has in its hands may have it by now, though nothing is written yet.
    on_the_way = status.get("in_hand", 0) + status["books"]["unknown"]
    missing = expected(status) - done(status["books"]) - on_the_way
    perhaps = f"up to {on_the_way:,} more are on their way; " if on_the_way else ""
    err.print(f"{status['books']['sent']:,} have got {issue}; {perhaps}{missing:,} would not.", markup=False)
    if dry_run:
        out.print("Nothing was changed.")
        return
    be_sure("Cancel it?", yes=yes)
    status = backend.control("cancel", slug=issue, because=because)
    if as_data:
        show_json(status)
    else:
        show(status, backend.clock.now())
