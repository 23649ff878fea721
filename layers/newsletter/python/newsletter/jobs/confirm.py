"""The button behind the confirmation link: from here on the subscriber is in the audience."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.domain.issue import IssueStatus
from newsletter.domain.link_token import Purpose, Token
from newsletter.domain.links import Links, unsubscribe_headers
from newsletter.domain.site import ArchiveEntry
from newsletter.domain.subscriber import Status, Subscriber
from newsletter.domain.subscriber import confirm as confirmed
from newsletter.errors import ExpiredTokenError, StoreBusyError
from newsletter.ports import IssueStore, SignUpPorts

TRIES = 5


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whom the button confirmed, and whether they were already."""

    subscriber_id: str
    already: bool


def confirm(
    token: Token, *, ports: SignUpPorts, issues: IssueStore, links: Links, reply_to: str, now: datetime
) -> Confirmed:
    """Confirm the subscriber and mail a welcome; a second click changes nothing.

    Raises:
        ExpiredTokenError: The subscriber left after this link was made, or was never confirmed in time.
        StoreBusyError: Try again.
    """
    who = token.subscriber_id
    for _ in range(TRIES):
        known = ports.subscribers.get(who)
        after = known and confirmed(known, link_made_at=token.made_at, now=now)
        if known is None or after is None:
            raise ExpiredTokenError("this link is no longer valid; sign up again to get a new one")
        if known.status is Status.CONFIRMED:
            return Confirmed(who, already=True)
        if ports.subscribers.save(after):
            suppression = ports.suppressions.get(who)
            if suppression is not None and suppression.lifted_by_sign_up:
                ports.suppressions.lift(who)
            _welcome(after, ports, issues, links, reply_to, now)
            return Confirmed(who, already=False)
    raise StoreBusyError("this subscription is being changed at the same moment; try again")


def _welcome(
    subscriber: Subscriber, ports: SignUpPorts, issues: IssueStore, links: Links, reply_to: str, now: datetime
) -> None:
    who = subscriber.subscriber_id
    unsubscribe_url = links.to(Purpose.UNSUBSCRIBE, who, now=now)
    sent = issues.with_status(IssueStatus.SENT)
    latest = sent[-1] if sent else None
    mail = ports.mails.mail(
        "welcome",
        preferences_url=links.to(Purpose.PREFERENCES, who, now=now),
        unsubscribe_url=unsubscribe_url,
        name=subscriber.name,
        latest=latest and ArchiveEntry(latest.slug, latest.title, latest.summary, latest.date, latest.lang),
        archive_url=f"{links.public_url}/",
    )
    headers = unsubscribe_headers(unsubscribe_url, reply_to)
    ports.mailer.send(subscriber.email, mail, kind="welcome", subscriber_id=who, headers=headers)
