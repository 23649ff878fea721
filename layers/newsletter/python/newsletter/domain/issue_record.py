"""What we keep of an issue besides its text: where it stands, and what may happen to it next."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from newsletter.domain.issue import IssueStatus, SendPolicy

LOCKED = frozenset({IssueStatus.SENDING, IssueStatus.PAUSED, IssueStatus.SENT, IssueStatus.CANCELLED})
"""Once a send was opened, an upload corrects the web page and the feeds and never the mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """One issue, as the table knows it."""

    slug: str
    status: IssueStatus
    title: str
    subject: str
    summary: str
    date: datetime.date
    content_hash: str
    """Of the newest good upload: what the web page shows."""
    send: SendPolicy = SendPolicy.SCHEDULED
    lang: str = "en"
    topics: tuple[str, ...] = ()
    sequencer: str = ""
    """S3's order of events on one key; a smaller one is older news."""
    announced: str = ""
    """The content the editors were last told about."""
    listed: bool = False
    """Whether the home page and the feeds name it."""
    withdrawn: bool = False
    sent_at: datetime.datetime | None = None

    def due(self, today: datetime.date) -> bool:
        """Return whether this issue may be sent on this day."""
        return self.status is IssueStatus.READY and self.send is not SendPolicy.NEVER and self.date <= today

    def in_archive(self, today: datetime.date) -> bool:
        """Return whether readers may find this issue: its date has come, or it is on its way."""
        if self.withdrawn or self.status is IssueStatus.DRAFT:
            return False
        return self.status in LOCKED or self.date <= today
