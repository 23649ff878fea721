"""Hold confirmation mail that bounces or annoys: somebody may be typing strangers' addresses into the form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from newsletter.feedback.domain.breaker import OF_ONE_NETWORK, Breaker, counts
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.domain.hold_link import notice_name
from newsletter.feedback.ports import ConfirmationWatch, HoldPorts
from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.greeting import TO_STRANGERS
from newsletter.readers.domain.limits import Lane


def hold_confirmations(events: Iterable[FeedbackEvent], *, ports: HoldPorts, breaker: Breaker, now: datetime) -> bool:
    """Judge the confirmation mail of today by these events; return whether any lane is held.

    Each network is judged by its own, and then each lane by those that are not held: one that types strangers'
    addresses holds itself, and nobody else.

    Repeated: messages are counted by their ids, and an email to the editors is asked for as long as it is not noted
    that it was.
    """
    judged = [event for event in events if event.mail in TO_STRANGERS and not event.slug and counts(event, since=None)]
    held = _held_networks(judged, ports, now)
    by_lane: dict[Lane, list[FeedbackEvent]] = defaultdict(list)
    for event in judged:
        if event.network not in held:
            by_lane[Lane.SLOW if event.lane == Lane.SLOW else Lane.FAST].append(event)
    return any([_judge_lane(lane, by_lane[lane], ports, breaker, now) for lane in ports.watches])


def _held_networks(events: Iterable[FeedbackEvent], ports: HoldPorts, now: datetime) -> set[str]:
    """Judge the networks that these events are about, and return those that are held. No editor is told of one."""
    by_network: dict[str, list[FeedbackEvent]] = defaultdict(list)
    for event in events:
        if event.network:
            by_network[event.network].append(event)
    return {
        network
        for network, about in by_network.items()
        if _judged(ports.network_watches(network), about, OF_ONE_NETWORK, now).holds(now)
    }


def _judge_lane(lane: Lane, events: Iterable[FeedbackEvent], ports: HoldPorts, breaker: Breaker, now: datetime) -> bool:
    watch = ports.watches[lane]
    hold = _judged(watch, events, breaker, now)
    if hold.holds(now) and not hold.editors_informed:
        ports.report_queue.report(notice_name(lane))
        watch.note_notice()
    return hold.holds(now)


def _judged(
    watch: ConfirmationWatch, events: Iterable[FeedbackEvent], breaker: Breaker, now: datetime
) -> ConfirmationHold:
    """Count these events, hold what they are about if that is too much, and return how it stands."""
    hold = watch.get()
    messages: dict[FeedbackKind, set[str]] = defaultdict(set)
    for event in events:
        if counts(event, since=hold.judged_from):
            messages[event.kind].add(event.message_id)
    if messages:
        evidence = breaker.verdict(watch.count(now.date(), hold.judged_from, messages, now=now))
        if evidence and hold.share(now) > 0:
            watch.hold(evidence, now=now)
            return watch.get()
    return hold
