"""A request for a link by email, made by typing an address: the same answer for every address."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.readers.domain.greeting import Occasion

FORMS = {Occasion.LEAVE_LINK: "leave_by_address", Occasion.ACCOUNT_LINK: "account_by_address"}
"""The templates of the pages that ask for the address."""

SENT = {Occasion.LEAVE_LINK: "leave_by_address_sent", Occasion.ACCOUNT_LINK: "link_sent"}
"""The templates of the pages that answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedLink:
    """What became of a request."""

    occasion: Occasion
    subscriber_id: str = ""
    stopped_by: str = ""
    """The limit that was reached, for the log."""
    problem: str = ""
    """Why the address was refused."""

    @property
    def page(self) -> str:
        """The page that answers."""
        return (FORMS if self.problem else SENT)[self.occasion]

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 422 if self.problem else 200

    @property
    def data(self) -> dict[str, object] | None:
        """The answer for programs, where it is not the name of the page."""
        return {"errors": {"email": self.problem}} if self.problem else None
