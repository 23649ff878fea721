"""`newsletter send rehearse`: a send in earnest, to SES's own mailbox."""

from __future__ import annotations

import typer

from newsletter_cli.console import out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.issue_names import IssueName
from newsletter_cli.sending.options import Data, Yes, be_sure


def rehearse(context: typer.Context, issue: IssueName, yes: Yes = False, as_data: Data = False) -> None:
    """Send an issue to as many as would get it, but into SES's own mailbox; no reader is mailed."""
    stack = stack_of(context)
    be_sure(f"A rehearsal of {issue} costs what a send costs. Begin?", yes=yes)
    answer = stack.control("rehearse", slug=issue)
    if as_data:
        show_json(answer)
        return
    out.print(
        f"It is under way. Follow it: newsletter send status --watch {answer['slug']}", markup=False, soft_wrap=True
    )
