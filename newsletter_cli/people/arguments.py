"""Arguments and options that several verbs of this group share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.readers.domain.subscriber import Mailbox
from newsletter.readers.tags import checked_tags

if TYPE_CHECKING:
    from newsletter.wiring import App

Email = Annotated[str, typer.Argument(help="The address.", show_default=False)]
Limit = Annotated[int, typer.Option(min=1, help="At most so many. `export` writes everybody.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def tags_of(words: Sequence[str]) -> frozenset[str]:
    """Return the tags that somebody typed, each an argument or several in one, separated by commas.

    Raises:
        InvalidRequestError: One of them can be none, or they are more than one reader may have.
    """
    return checked_tags(",".join(words))


def mailbox_of(app: App, email: str) -> tuple[Mailbox, str]:
    """Return the mailbox of an address, and the id that stands for it.

    Raises:
        InvalidEmailError: The address cannot be an address.
    """
    mailbox = app.addresses.mailbox(email)
    return mailbox, app.addresses.subscriber_id(mailbox)
