"""Hold confirmation mail that bounces or annoys: somebody may be typing strangers' addresses into the form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from newsletter.errors import NewsletterError
from newsletter.feedback.domain.breaker import Breaker, counts
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.ports import HoldPorts
from newsletter.readers.domain.greeting import TO_STRANGERS
from newsletter.readers.domain.limits import Lane


def hold_confirmations(events: Iterable[FeedbackEvent], *, ports: HoldPorts, breaker: Breaker, now: datetime) -> bool:
    """Judge the confirmation mail of today by these events, each lane by its own; return whether any is held.

    Repeated: messages are counted by their ids, and the editors are mailed as long as it is not noted that they were.
    What SES does not take now is tried with the next events: nobody else's feedback waits for that mail.
    """
    by_lane: dict[Lane, list[FeedbackEvent]] = defaultdict(list)
    for event in events:
        if event.mail in TO_STRANGERS and not event.slug:
            by_lane[Lane.SLOW if event.lane == Lane.SLOW else Lane.FAST].append(event)
    return any([_judge(lane, by_lane[lane], ports, breaker, now) for lane in ports.watches])


def _judge(lane: Lane, events: Iterable[FeedbackEvent], ports: HoldPorts, breaker: Breaker, now: datetime) -> bool:
    watch = ports.watches[lane]
    hold = watch.get()
    messages: dict[FeedbackKind, set[str]] = defaultdict(set)
    for event in events:
        if counts(event, since=hold.judged_from):
            messages[event.kind].add(event.message_id)
    if messages:
        evidence = breaker.verdict(watch.count(now.date(), hold.judged_from, messages, now=now))
        if evidence and hold.share(now) > 0:
            watch.hold(evidence, now=now)
            hold = watch.get()
    if hold.holds(now) and not hold.editors_informed:
        try:
            ports.editors.tell("editors_confirmations_held", because=hold.because, lane=lane)
        except NewsletterError:
            return True  # an account that SES stopped takes no mail for days, and feedback is needed most then
        watch.note_notice()
    return hold.holds(now)
