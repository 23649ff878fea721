"""What counting the responses of readers needs from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.feedback.domain.response import Responses, Vote, VoteLink


class ResponseStore(Protocol):
    """How many readers said what about an issue, and which links have voted; never which link said what."""

    def vote(self, vote_link: VoteLink, vote: Vote) -> bool:
        """Count the vote, unless this link has voted; return whether it was counted. Both in one write, or neither.

        Raises:
            StoreBusyError: Nothing was counted; the reader may try again.
        """
        ...

    def of_issue(self, slug: str) -> Responses | None:
        """Return the counts of an issue; None where nobody has said anything.

        Raises:
            StoreBusyError: Nobody knows; ask again.
        """
        ...
