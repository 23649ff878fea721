"""What counting the responses of readers needs from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.readers.ports import Addresses, GreetQueue, SubscriberStore

if TYPE_CHECKING:
    from newsletter.feedback.domain.reply import ReplyMark
    from newsletter.feedback.domain.response import Responses, Vote, VoteLink


class ResponseStore(Protocol):
    """How many readers said what about an issue, and which links have voted; never which link said what."""

    def vote(self, vote_link: VoteLink, vote: Vote) -> bool:
        """Count the vote, unless this link has voted; return whether it was counted. Both in one write, or neither.

        Raises:
            StoreBusyError: Nothing was counted; the reader may try again.
        """
        ...

    def reply(self, reply_mark: ReplyMark) -> bool:
        """Count a reply, unless this reader's to this issue are counted; return whether it was. Both or neither.

        Raises:
            StoreBusyError: Nothing was counted; ask again.
        """
        ...

    def of_issue(self, slug: str) -> Responses | None:
        """Return the counts of an issue; None where nobody has said anything.

        Raises:
            StoreBusyError: Nobody knows; ask again.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReplyPorts:
    """What counting a reply touches."""

    addresses: Addresses
    subscribers: SubscriberStore
    responses: ResponseStore
    greet_queue: GreetQueue
