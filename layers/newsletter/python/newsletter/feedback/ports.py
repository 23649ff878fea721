"""What the jobs of this wing need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.core.ports import Clock, Counters
from newsletter.issues.ports import IssueStore
from newsletter.readers.domain.limits import Lane
from newsletter.readers.ports import Addresses, ConfirmationHoldStore, SubscriberStore, SuppressionStore
from newsletter.sending.ports import ReportQueue, SendQueues, SendStore
from newsletter.sending.probe_ports import ProbeLog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date, datetime

    from newsletter.feedback.domain.breaker import Breaker
    from newsletter.feedback.domain.engagement import Engagement, Touch
    from newsletter.feedback.domain.feedback import FeedbackKind
    from newsletter.feedback.domain.hold_link import HoldLink
    from newsletter.feedback.domain.reconciliation import Reconciliation
    from newsletter.feedback.domain.results import IssueResults, RecordedEvents
    from newsletter.readers.domain.suppression import Listed, Suppression, SuppressionReason


class SuppressionReview(SuppressionStore, Protocol):
    """The same, gone through from its beginning to its end."""

    def after(self, subscriber_id: str, *, limit: int) -> list[Suppression]:
        """Return the suppressions behind this id in the store's own order; fewer than `limit` are the last."""
        ...

    def note_listed(self, subscriber_id: str, day: date) -> None:
        """Remember that SES lists the address; a suppression that was lifted meanwhile stays lifted."""
        ...


class SuppressionList(Protocol):
    """The list that SES keeps: mail to its addresses is accepted and not sent."""

    def page(self, page_token: str, *, limit: int) -> tuple[list[Listed], str]:
        """Return one page and the token of the next; an empty token is the first page, and behind the last.

        Raises:
            AccountUnknownError: SES does not say.
        """
        ...

    def put(self, email: str, reason: SuppressionReason) -> bool:
        """Put an address on the list; False if SES does not let us.

        Raises:
            AccountUnknownError: SES gave no clear answer.
        """
        ...

    def remove(self, email: str) -> None:
        """Take an address off the list; nothing if it is not on it.

        Raises:
            AccountUnknownError: SES did not take it off.
        """
        ...


class EngagementStore(Protocol):
    """Opens and clicks of sends: for a while by recipient, in the end as numbers alone."""

    def record(
        self,
        slug: str,
        touches_by_part: Mapping[str, Collection[Touch]],
        urls: Mapping[str, str],
        *,
        now: datetime,
    ) -> None:
        """Remember the touches of each part of a batch, in one write for each; adding twice adds once.

        Who touched is written under a name that holds in this send alone, unless readers are followed one by one.
        After `fold`, touches are only counted.

        Args:
            slug: The send.
            touches_by_part: Touches, by the part of a batch that the recipient is in.
            urls: The addresses behind the links in them, by what stands for them.
            now: When entries begin to age; they expire in any case.
        """
        ...

    def read(self, slug: str) -> Engagement | None:
        """Add up what was opened and clicked; None if nothing was ever reported."""
        ...

    def fold(self, slug: str) -> Engagement | None:
        """Keep the numbers and delete who is behind them; return the numbers. Folding twice folds once.

        Nothing is deleted where readers are followed one by one.
        """
        ...


class UnfamiliarEvents(Protocol):
    """Events of types that we have no word for: how they are built, and how often they came."""

    def keep(self, name: str, shape: str, *, now: datetime) -> None:
        """Keep the shape of the first one, and count this one."""
        ...


class AccountWatch(Protocol):
    """Notes about the account between two looks."""

    def last_notice(self) -> str:
        """Return the trouble that the last mail to the editors was about; empty if it said that all is well."""
        ...

    def note_notice(self, trouble: str) -> None: ...
    def keep(self, reconciliation: Reconciliation, *, now: datetime) -> None:
        """Keep what the last comparison of the suppressions found, in place of the one before."""
        ...

    def last_reconciliation(self) -> tuple[datetime, Reconciliation] | None:
        """Return when suppressions were last compared, and what was found."""
        ...


class ConfirmationWatch(ConfirmationHoldStore, Protocol):
    """Counts bounces and complaints of confirmation email, and holds it."""

    def count(
        self, day: date, since: datetime | None, message_ids: Mapping[FeedbackKind, Collection[str]], *, now: datetime
    ) -> Mapping[FeedbackKind, int]:
        """Count messages of a day, of those that left since then, by their ids; return how many there are by kind."""
        ...

    def hold(self, because: str, *, now: datetime) -> None:
        """Hold confirmation mail from now on, judged afresh; of two holds within an hour the first stays."""
        ...

    def note_notice(self) -> None:
        """Remember that an email about it to the editors is on its way."""
        ...

    def release(self, *, now: datetime, held_at: datetime | None = None) -> bool:
        """Let confirmation mail go on; False if it was not held, or not since the moment that is named."""
        ...


class ReleaseLinks(Protocol):
    """Makes the link that lets confirmations go on."""

    def to_release(self, hold_link: HoldLink, *, now: datetime) -> str: ...


class EvidenceLog(Protocol):
    """What SES reported about the recipients of a send."""

    def add(
        self, slug: str, part: str, subscriber_ids: Collection[str], recorded: RecordedEvents | None = None
    ) -> frozenset[tuple[FeedbackKind, str]]:
        """Remember that SES accepted these of one part of a batch, and what it reported; adding twice adds once.

        Returns:
            Whom it was news about, by kind; who was accepted stands under `sent`. Of two at one moment, one gets it.
        """
        ...

    def results(self, slug: str) -> IssueResults:
        """Add up what SES reported about a send; exact, whatever was reported twice."""
        ...

    def tally(
        self, slug: str, since: datetime | None, counts: Mapping[FeedbackKind, int]
    ) -> Mapping[FeedbackKind, int]:
        """Count more of what happened to mails that left since then, and return how many there are."""
        ...

    def note_mailed(self, slug: str, since: datetime | None, mailed: int) -> Mapping[FeedbackKind, int]:
        """Have at least so many count as accepted, which the books say; return the counts as `tally` does."""


@dataclass(frozen=True, slots=True)
class HoldPorts:
    """What holding confirmation mail touches."""

    watches: Mapping[Lane, ConfirmationWatch]
    network_watches: Callable[[str], ConfirmationWatch]
    """Returns that of a network, by its name."""
    report_queue: ReportQueue
    """Asked to mail the editors: whoever reads what strangers caused makes no editors' links."""


@dataclass(frozen=True, slots=True)
class HoldNoticePorts:
    """What telling the editors of a hold touches."""

    watches: Mapping[Lane, ConfirmationWatch]
    links: ReleaseLinks
    editors: Editors


@dataclass(frozen=True, slots=True)
class FeedbackPorts:
    """What recording feedback touches."""

    sends: SendStore
    evidence: EvidenceLog
    subscribers: SubscriberStore
    suppressions: SuppressionStore
    issues: IssueStore
    unfamiliar: UnfamiliarEvents
    probes: ProbeLog


@dataclass(frozen=True, slots=True)
class ReceptionPorts:
    """What everything that follows from SES's events touches."""

    recording: FeedbackPorts
    holding: HoldPorts
    queues: SendQueues
    engagement: EngagementStore | None
    """None if opens and clicks are not measured."""
    breaker: Breaker
    """Of sends."""
    confirmation_breaker: Breaker
    counters: Counters
    """Where it is noted that SES took an email to one person."""


@dataclass(frozen=True, slots=True)
class AccountPorts:
    """What watching the account touches."""

    watch: AccountWatch
    editors: Editors


@dataclass(frozen=True, slots=True)
class ReconcilePorts:
    """What comparing suppressions touches."""

    listed: SuppressionList
    suppressions: SuppressionReview
    subscribers: SubscriberStore
    addresses: Addresses
    clock: Clock
