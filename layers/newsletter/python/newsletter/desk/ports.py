"""Ports of this wing: interfaces to the outside world, in the words of its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.core.team import Approval
from newsletter.issues.ports import ContentStore, IssueStore, PublishQueue
from newsletter.sending.ports import AudienceCount, SendQueues, SendStore
from newsletter.sending.ses_ports import SendingAccount

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from newsletter.core.ports import Counters
    from newsletter.desk.domain.decision import Decision


class DecideLinks(Protocol):
    """Makes the links in the editors' mails."""

    def to_decide(self, decision: Decision, *, now: datetime) -> str: ...
    def to_test(self, decision: Decision, *, now: datetime) -> str:
        """Return the address of the place on that page where a test is asked for."""
        ...


class PreviewLinks(Protocol):
    """Makes the addresses of preview pages."""

    def to_page(self, slug: str, *, since: datetime) -> str: ...


@dataclass(frozen=True, slots=True)
class PreviewPorts:
    """What a preview for the editors touches."""

    issues: IssueStore
    content: ContentStore
    audience_count: AudienceCount
    account: SendingAccount
    links: DecideLinks
    preview_links: PreviewLinks
    editors: Editors
    needs_approval: bool
    offers_digest: Callable[[], bool] = bool
    """Returns whether readers can choose a monthly digest, at this moment."""


@dataclass(frozen=True, slots=True)
class DecidePorts:
    """What a decision of an editor touches."""

    issues: IssueStore
    sends: SendStore
    content: ContentStore
    queues: SendQueues
    publish_queue: PublishQueue
    editors: Editors
    links: DecideLinks
    preview_links: PreviewLinks
    approval: Approval

    @property
    def needs_approval(self) -> bool:
        """Whether only approved content is sent."""
        return self.approval is not Approval.OFF

    @property
    def tells_uploaders_apart(self) -> bool:
        """Whether it matters who uploaded."""
        return self.approval is Approval.ANOTHER


@dataclass(frozen=True, slots=True)
class TestPorts:
    """What asking for a test touches."""

    __test__ = False  # not one of pytest's

    issues: IssueStore
    counters: Counters
    publish_queue: PublishQueue
    editors: Editors


@dataclass(frozen=True, slots=True)
class GatherPorts:
    """What gathering the files of one upload touches."""

    counters: Counters
    publish_queue: PublishQueue
    gather_seconds: int
    """How long no more files must have come; 0 gathers nothing."""


@dataclass(frozen=True, slots=True)
class RemovalPorts:
    """What taking an issue back touches when its file was removed."""

    content: ContentStore
    issues: IssueStore
    sends: SendStore
    publish_queue: PublishQueue
