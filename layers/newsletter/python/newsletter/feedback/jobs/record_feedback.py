"""Recording what SES reported: by batch, and in the records of readers who bounced, complained or left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import NewsletterError, StoreBusyError
from newsletter.feedback.domain.bounce_policy import (
    LAST_ISSUES,
    MOST_SOFT_BOUNCES,
    bounced_too_often,
    is_held_against,
    suppresses_at_once,
)
from newsletter.feedback.domain.engagement import ENGAGEMENT
from newsletter.feedback.domain.feedback import PROOF_OF_ACCEPTANCE, FeedbackEvent, FeedbackKind, Reason, RecordedEvent
from newsletter.feedback.domain.queued_report import ENOUGH_FAILURES
from newsletter.feedback.ports import FeedbackPorts
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.sending.domain.send import is_send_name

BUSY = "this subscriber is being changed at the same moment; deliver the event again"

ROUTINE = frozenset({FeedbackKind.SENT, FeedbackKind.DELIVERED})
"""Nearly everything that SES reports, and without consequences for the reader."""

LISTED = 3 * LAST_ISSUES
"""Issues looked at to find the last ones that went out; some on the archive's list never did."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording some events."""

    news: tuple[FeedbackEvent, ...]
    """Those that said something new about a recipient of an issue, or were not about an issue at all."""
    engaged: tuple[FeedbackEvent, ...]
    """Opens and clicks of recipients of our sends; nothing of them is on record but that SES took the mail."""
    failed: frozenset[FeedbackEvent]
    """Those to deliver again; all others are on record."""
    unknown_sends: int
    """How many were about a send that is not ours."""
    sends: frozenset[str] = frozenset()
    """The sends of ours that any of them was about."""


def record_feedback(events: Sequence[FeedbackEvent], *, ports: FeedbackPorts, now: datetime) -> Recorded:
    """Record events in any order, any number of times, with one write for each part of a batch they speak of.

    An event that cannot be recorded now keeps none of the others back.
    """
    reception = _Reception(ports, now)
    known = [event for event in dict.fromkeys(events) if reception.knows(event)]
    reception.each(
        [((event,), partial(reception.heed, event)) for event in known if event.kind not in ROUTINE or event.probe]
    )
    parts: dict[tuple[str, str], list[FeedbackEvent]] = defaultdict(list)
    for event in known:
        if event.of_an_issue and event not in reception.failed:
            parts[event.slug, event.part].append(event)
    reception.each([(about, partial(reception.record, slug, part, about)) for (slug, part), about in parts.items()])
    elsewhere = [event for event in known if not event.of_an_issue]
    engaged = (event for event in known if event.of_an_issue and event.kind in ENGAGEMENT)
    return Recorded(
        news=(*reception.news, *elsewhere),
        engaged=tuple(event for event in engaged if event not in reception.failed),
        failed=frozenset(reception.failed),
        unknown_sends=reception.unknown_sends,
        sends=reception.sends,
    )


@dataclass
class _Reception:
    """The events of one reception, being worked through."""

    ports: FeedbackPorts
    now: datetime
    news: list[FeedbackEvent] = field(default_factory=list)
    failed: set[FeedbackEvent] = field(default_factory=set)
    unknown_sends: int = 0
    _ours: dict[str, bool | None] = field(default_factory=dict)
    """By the name of a send; None if the store did not say."""
    _last_issues: list[str] | None = None

    @property
    def sends(self) -> frozenset[str]:
        """The sends of ours that any event was about."""
        return frozenset(slug for slug, ours in self._ours.items() if ours)

    def each(self, steps: Iterable[tuple[Collection[FeedbackEvent], Callable[[], None]]]) -> None:
        """Take the events of a step for failed, and no others, if it cannot be done now.

        After `ENOUGH_FAILURES` of a busy store, one after the other, the stores are not asked again, each for as long
        as a client tries: what is left has to be back in the queue before the function is stopped.
        """
        in_a_row = 0
        for events, step in steps:
            if in_a_row == ENOUGH_FAILURES:
                self.failed.update(events)
                continue
            try:
                step()
                in_a_row = 0
            except NewsletterError as problem:
                self.failed.update(events)
                in_a_row = in_a_row + 1 if isinstance(problem, StoreBusyError) else 0

    def knows(self, event: FeedbackEvent) -> bool:
        """Return whether the event may be recorded: about one of our sends, or about mail to one person.

        The header of a send is written before anybody is mailed, so an event can be early for everything else only.
        """
        if not event.slug:
            return True
        if event.slug not in self._ours:
            try:
                self._ours[event.slug] = is_send_name(event.slug) and self.ports.sends.get(event.slug) is not None
            except NewsletterError:
                self._ours[event.slug] = None
        ours = self._ours[event.slug]
        if ours is None:
            self.failed.add(event)
        self.unknown_sends += ours is False
        return bool(ours)

    def heed(self, event: FeedbackEvent) -> None:
        """Draw the consequences for the reader, or note that reports arrive."""
        if event.probe and event.kind is FeedbackKind.SENT:
            self.ports.probes.note(event.probe, event.message_id, event.mailed_at, now=self.now)
        if event.unfamiliar:
            self.ports.unfamiliar.keep(event.unfamiliar, event.shape, now=self.now)
        if reason := suppresses_at_once(event):
            self._suppress(event, reason)
        if event.kind is FeedbackKind.UNKNOWN and event.reason is Reason.UNSUBSCRIBED and event.subscriber_id:
            self._change(event.reader_id, lambda subscriber: _left(subscriber, event))
        if is_held_against(event):
            changed = self._change(event.reader_id, lambda subscriber: _with_bounce(subscriber, event.slug))
            if changed is None or len(changed.soft_bounces) < MOST_SOFT_BOUNCES:
                return  # whichever the last issues are
            if bounced_too_often(changed.soft_bounces, self.last_issues):
                self._suppress(event, SuppressionReason.SOFT_BOUNCES)

    @property
    def last_issues(self) -> list[str]:
        """The issues that went out last, newest first."""
        if self._last_issues is None:
            listed = self.ports.issues.newest(LISTED)
            self._last_issues = [issue.slug for issue in listed if issue.sent_hash][:LAST_ISSUES]
        return self._last_issues

    def record(self, slug: str, part: str, events: Sequence[FeedbackEvent]) -> None:
        """Remember what happened to one part of a batch, and what of it is news."""
        accepted = {event.subscriber_id for event in events if event.kind in PROOF_OF_ACCEPTANCE}
        recorded: dict[FeedbackKind, set[RecordedEvent]] = defaultdict(set)
        for event in events:
            if event.kind is not FeedbackKind.SENT and event.kind not in ENGAGEMENT:
                recorded[event.kind].add(event.recorded)
        fresh = set(self.ports.evidence.add(slug, part, accepted, recorded))
        for event in events:
            # Any proof can be the first: a bounce may come before the news that its mail was accepted.
            for kind in (event.kind, FeedbackKind.SENT):
                if (kind, event.subscriber_id) in fresh:
                    fresh.discard((kind, event.subscriber_id))
                    self.news.append(event if event.kind is kind else replace(event, kind=kind))

    def _suppress(self, event: FeedbackEvent, reason: SuppressionReason) -> None:
        suppression = Suppression(event.reader_id, reason, event.happened_at, event.slug)

        def attempt() -> Literal[Race.LOST] | None:
            subscriber = self.ports.subscribers.get(event.reader_id)
            return None if self.ports.suppressions.suppress(suppression, subscriber) else LOST

        win(attempt, busy=BUSY)

    def _change(self, subscriber_id: str, rule: Callable[[Subscriber], Subscriber]) -> Subscriber | None:
        def attempt() -> Subscriber | Literal[Race.LOST] | None:
            subscriber = self.ports.subscribers.get(subscriber_id)
            if subscriber is None:
                return None
            changed = rule(subscriber)
            return changed if changed == subscriber or self.ports.subscribers.save(changed) else LOST

        return win(attempt, busy=BUSY)


def _with_bounce(subscriber: Subscriber, slug: str) -> Subscriber:
    if slug in subscriber.soft_bounces:
        return subscriber
    return replace(subscriber, soft_bounces=(*subscriber.soft_bounces, slug)[-LAST_ISSUES:])


def _left(subscriber: Subscriber, event: FeedbackEvent) -> Subscriber:
    """Return the reader after they left at SES, unless they confirmed again since."""
    again = subscriber.confirmed_at is not None and subscriber.confirmed_at > event.happened_at
    stays = again or subscriber.status is not Status.CONFIRMED
    return subscriber if stays else leave(subscriber, now=event.happened_at)
