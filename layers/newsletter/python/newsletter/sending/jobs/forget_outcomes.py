"""Forgetting what became of single readers in sends of long ago; the books and the reports stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import Send, rehearsal_name
from newsletter.sending.retention_ports import OutcomePorts


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenOutcomes:
    """What was done until now."""

    sends: int = 0
    """Sends that were forgotten for the first time."""
    items: int = 0
    next_slug: str = ""
    """The slug of the issue to go on with; empty when all were looked at."""


def forget_outcomes(bookmark: str, *, ports: OutcomePorts, now: datetime, until: datetime) -> ForgottenOutcomes:
    """Let everything that names readers in old sends expire, from one issue on, until the time is up.

    A send that is forgotten says so in its header first, so that nobody counts or sends again what is not there any
    more. Every old send is looked at every night: an event that SES reports late is forgotten as well.

    Raises:
        StoreBusyError: The database is busy; what was done stays done.
    """
    closed_before = ports.closed_before(now)
    if closed_before is None:
        return ForgottenOutcomes()
    sends = items = 0
    known = (issue.slug for status in IssueStatus for issue in ports.issues.with_status(status))
    for slug in sorted(slug for slug in known if slug >= bookmark):
        if ports.clock.now() >= until:
            return ForgottenOutcomes(sends=sends, items=items, next_slug=slug)
        for send in _sends_of(slug, ports):
            if send.closed_at is None or send.closed_at > closed_before:
                continue
            sends += ports.sends.change(send.slug, lambda header: header.with_outcomes_forgotten(now=now)) is not None
            marked, all_of_them = ports.outcomes.expire(send.slug, now=now, until=until)
            items += marked
            if not all_of_them:
                return ForgottenOutcomes(sends=sends, items=items, next_slug=slug)
    return ForgottenOutcomes(sends=sends, items=items)


def _sends_of(slug: str, ports: OutcomePorts) -> Iterator[Send]:
    """Yield the send of an issue, if there was one, and its rehearsals."""
    if send := ports.sends.get(slug):
        yield send
    number = 1
    while rehearsal := ports.sends.get(rehearsal_name(slug, number)):
        yield rehearsal
        number += 1
