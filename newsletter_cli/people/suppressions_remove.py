"""`suppressions remove`: an address that may be mailed again."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.core.text import masked
from newsletter.errors import InvalidRequestError
from newsletter.feedback.jobs.lift_suppression import check_may_be_lifted, lift_suppression
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter_cli.console import confirm, out
from newsletter_cli.context import stack_of
from newsletter_cli.people.arguments import DryRun, Email, Yes, mailbox_of
from newsletter_cli.problems import CommandError


def remove_suppression(
    context: typer.Context,
    email: Email,
    their_word: Annotated[
        bool, typer.Option("--i-have-their-word", help="They complained, and have asked in writing to come back.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Let an address be mailed again, here and at SES. Whoever was a reader before is one again."""
    app = stack_of(context).app
    mailbox, subscriber_id = mailbox_of(app, email)
    shown, suppression = masked(mailbox.email), app.suppressions.get(subscriber_id)
    if suppression is None:
        raise CommandError("The address is not suppressed here.")
    try:
        check_may_be_lifted(suppression.reason, their_word=their_word)
    except InvalidRequestError as refusal:
        way = " Then say --i-have-their-word." if suppression.reason is SuppressionReason.COMPLAINT else ""
        raise CommandError(f"{refusal}{way}") from refusal
    if dry_run:
        out.print(f"{shown} ({suppression.reason}) could be mailed again. Nothing was changed.", markup=False)
        return
    if confirm(f"Let {shown} be mailed again ({suppression.reason})?", yes=yes):
        lift_suppression(
            subscriber_id,
            mailbox.email,
            subscribers=app.subscribers,
            suppressions=app.suppressions,
            provider=app.suppression_list,
        )
        out.print(f"{shown} may be mailed again.", markup=False)
