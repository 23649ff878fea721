"""What a send needs from SES: its rate, a way to hand over an issue, and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsletter.issues.domain.issue import RenderedIssue
    from newsletter.sending.domain.answer import Answer
    from newsletter.sending.domain.pace import Pace
    from newsletter.sending.domain.quota import Account, Allowance
    from newsletter.sending.domain.send import Recipient


class Rate(Protocol):
    """The one rate at which all workers together may hand recipients to SES."""

    @property
    def largest_call(self) -> int:
        """Recipients one call may name, or several that leave together: SES refuses more than its rate."""
        ...

    def seconds(self, recipient_count: int, *, now: datetime) -> float:
        """Return how long so many recipients take up the account, at the pace of this moment."""
        ...

    def reserve(self, recipient_count: int, *, now: datetime, latest: datetime) -> datetime | None:
        """Take room that begins by `latest` and return when; None, and nothing taken, when there is none so soon."""
        ...

    def place_in_line(self, recipient_count: int, *, now: datetime) -> datetime:
        """Return when to ask for room again, behind everybody who was told a moment before; nothing is booked.

        Never later than a quarter of an hour from now, and anew from now on once the account has been idle.
        """
        ...

    def slow_down(self, start: datetime, *, calls: bool, now: datetime) -> Pace:
        """Lower the pace of all workers, because SES throttled a call that was booked for `start`; return the pace.

        Many workers may say so at one moment; what was booked before the pace was lowered lowers it no further.

        Args:
            start: What `reserve` returned for the throttled call.
            calls: Whether SES refused the call as a whole, rather than recipients in it.
            now: The time.
        """
        ...

    def restore(self) -> None:
        """Go back to the full rate."""
        ...

    def take(self, now: datetime) -> None:
        """Book the place of one recipient who is mailed at once, without waiting for room."""
        ...


class IssueTransport(Protocol):
    """Hands an issue to SES."""

    @property
    def entries(self) -> int:
        """Most recipients of one call."""
        ...

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        """Make exactly one attempt; return what SES said about each recipient, by position.

        Also when the call as a whole fails; an error proves nothing about anybody.
        """
        ...


class SendingAccount(Protocol):
    """The account at SES."""

    def read(self) -> Account:
        """Return how it stands, as of a minute ago at most.

        Raises:
            AccountUnknownError: Nobody knows.
        """
        ...

    def allowance(self) -> Allowance:
        """Return how much, and how fast, it may send: for a forecast.

        Raises:
            AccountUnknownError: Nobody knows.
        """
        ...
