"""What a link in an email may do: by its purpose, its age, and whether its owner has ended it; and what its button did.

Leaving is open to every link that was mailed for it, for ever. No link leads to a stronger one: what cannot be undone,
and what shows data, needs a link that was mailed to the address within the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.core.link_token import Purpose, Token
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.subscriber import Subscriber

ONLY_LEAVING_AFTER = timedelta(days=365)
"""Mailboxes change hands, and old emails are forwarded and leaked; after a year a link may only leave."""


class Right(StrEnum):
    """What a page of a reader's does."""

    LEAVE = "leave"
    """Unsubscribing, and saying why."""
    PAUSE = "pause"
    """What can be undone: a pause and its end, and taking an unsubscription of the last hour back."""
    EVERYTHING = "everything"
    """Seeing what we hold, changing it, taking it along, moving to another address, erasing it, ending older links."""


RIGHTS = {
    Purpose.UNSUBSCRIBE: frozenset({Right.LEAVE, Right.PAUSE}),
    Purpose.PREFERENCES: frozenset({Right.PAUSE}),
    Purpose.ACCOUNT: frozenset({Right.PAUSE, Right.EVERYTHING}),
}
"""By what a link was mailed for. The links that confirm something do that alone."""


def allows(token: Token, right: Right) -> bool:
    """Return whether a link was mailed for this."""
    return right in RIGHTS.get(token.purpose, ())


def check_still_speaks(token: Token, subscriber: Subscriber, *, now: datetime) -> None:
    """Check that a link may still do more for this record than leave.

    Raises:
        ExpiredTokenError: Older than a year, ended by its owner, or signed by a key that is out of use.
    """
    ended = subscriber.links_since is not None and token.made_at < subscriber.links_since
    if ended or token.by_retired_key or now - token.made_at > ONLY_LEAVING_AFTER:
        raise ExpiredTokenError("this link can only be used to unsubscribe now; ask for a new one for everything else")


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the button: whose link, and from where."""

    token: Token
    network: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whom the button confirmed, and whether they were already."""

    subscriber: Subscriber
    already: bool
    moved: bool = False
    """Whether a reader came from another address; nobody to be welcomed."""
    renewed: bool = False
    """Whether a reader's old consent was what they pressed the button for."""
