"""By night, a page of the list at a time: who is to renew their consent is asked, and who did not answer has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.renewal import not_renewed
from newsletter.readers.retention_ports import RenewalPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedForRenewals:
    """What one page brought."""

    asked: int = 0
    """Mails that were asked for; each leaves when its hour has room."""
    ended: int = 0
    """Readers who have left now."""
    next_page: str = ""
    """Where to go on; empty when everybody was looked at."""


def ask_for_renewals(bookmark: str, *, asked_so_far: int, ports: RenewalPorts, now: datetime) -> AskedForRenewals:
    """Look at the next page of readers whose consent is old. A page that is looked at again mails nobody twice.

    Whoever's record changes at the same moment, by the button for one, is left for the next night.

    Args:
        bookmark: Where to go on.
        asked_so_far: How many were asked already tonight.
        ports: The list, the queue and the parameters.
        now: The moment.

    Raises:
        StoreBusyError: The database is busy; what was done stays so.
    """
    given_before = ports.policy.given_before(now)
    if given_before is None:
        return AskedForRenewals()
    page = ports.readers.page(bookmark, given_before=given_before)
    room, ended = ports.policy.most_a_night - asked_so_far, 0
    to_ask = []
    for subscriber in page.subscribers:
        if ports.policy.is_silent(subscriber, now=now):
            ended += ports.subscribers.save(not_renewed(subscriber, now=now))
        elif ports.policy.wants_asking(subscriber, now=now):
            to_ask.append(subscriber.subscriber_id)
    for subscriber_id in to_ask[:room]:
        ports.greet_queue.greet(Greeting(Occasion.RENEWAL, subscriber_id, now))
    return AskedForRenewals(asked=len(to_ask[:room]), ended=ended, next_page=page.next_page)
