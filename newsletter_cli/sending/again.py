"""`newsletter send retry-failed` and `rest`: send once more to those who did not get it, and to nobody else."""

from __future__ import annotations

import typer

from newsletter_cli.console import err, out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.sending.options import Data, DryRun, SendName, Yes, be_sure
from newsletter_cli.sending.status_text import show


def retry_failed(
    context: typer.Context, issue: SendName, yes: Yes = False, dry_run: DryRun = False, as_data: Data = False
) -> None:
    """Try again for everybody with whom it failed; whom SES is known to have accepted is not mailed."""
    failed = sum(stack_of(context).control("status", slug=issue)["books"]["failed"].values())
    _again(context, "retry_failed", issue, f"It failed for {failed:,}.", yes=yes, dry_run=dry_run, as_data=as_data)


def rest(
    context: typer.Context, issue: SendName, yes: Yes = False, dry_run: DryRun = False, as_data: Data = False
) -> None:
    """Send to those who were cancelled, and to those who joined or came back since."""
    cancelled = stack_of(context).control("status", slug=issue)["books"]["skipped"].get("cancelled", 0)
    whom = f"{cancelled:,} were cancelled; besides, whoever joined or came back since gets it."
    _again(context, "send_to_rest", issue, whom, yes=yes, dry_run=dry_run, as_data=as_data)


def _again(
    context: typer.Context, action: str, slug: str, whom: str, *, yes: bool, dry_run: bool, as_data: bool
) -> None:
    err.print(whom)
    if dry_run:
        out.print("Nothing was changed.")
        return
    be_sure(f"Send {slug} to them?", yes=yes)
    stack = stack_of(context)
    status = stack.control(action, slug=slug)
    if as_data:
        show_json(status)
        return
    out.print(f"{status['waiting_again']:,} wait again.")
    show(status, stack.clock.now())
