"""`newsletter send replay`: what SES reported about a send is recorded once more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsletter.errors import StoreBusyError
from newsletter_cli.console import out
from newsletter_cli.context import stack_of
from newsletter_cli.operator.dead_letters.meanings import dead_letter_queues
from newsletter_cli.operator.dead_letters.replay import sent_back
from newsletter_cli.operator.queue_facts import DEAD_LETTERS, queue_facts
from newsletter_cli.problems import CommandError
from newsletter_cli.sending.options import DryRun, SendName, Yes, be_sure

QUEUE = "feedback"
KEPT_FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def replay(
    context: typer.Context,
    issue: SendName,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Only what was reported since then, in UTC."),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Record once more what SES reported about a send: what is kept of 30 days, and what lies among the dead letters.

    Whatever is on record already changes nothing, so this can be repeated. It mails nobody.
    """
    stack = stack_of(context)
    sqs = stack.client("sqs")
    begin = since.replace(tzinfo=UTC) if since else KEPT_FROM_THE_BEGINNING
    facts = queue_facts(sqs, dead_letter_queues(stack)[f"{QUEUE}{DEAD_LETTERS}"])
    try:
        names = stack.app.archived_evidence.names(issue, begin)
        out.print(f"{len(names):,} objects with reports about {issue}, and {facts.waiting:,} dead letters of {QUEUE}.")
        if dry_run or not (names or facts.waiting):
            out.print("Nothing was changed.")
            return
        be_sure("Have them recorded once more?", yes=yes)
        stack.app.feedback_queue.ask_for_replay(names)
    except StoreBusyError as busy:
        raise CommandError(f"{busy}. Run the same command again: nothing is recorded twice.") from busy
    if facts.waiting:
        out.print(sent_back(stack, QUEUE, facts))
    out.print(f"They are on their way; `newsletter report {issue}` shows the result in a few minutes.")
