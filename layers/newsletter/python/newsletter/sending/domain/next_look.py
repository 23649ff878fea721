"""When a send is looked at next, and when SES is asked again after it gave no clear answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.sending.domain.send import PausedBy, Send, SendState

SOON = timedelta(seconds=15)
"""A report of SES takes seconds."""

OFTEN = timedelta(minutes=1)

FOR_A_WHILE = timedelta(minutes=5)
"""So long after a probe its report can be expected any moment."""

FARTHEST = timedelta(minutes=5)
"""Between two questions whether an outage of SES is over."""

AGAIN = timedelta(minutes=10)
"""An outage that begins so soon after the last one is the same: it takes probes, and not the issue."""


def next_look(send: Send, *, every: timedelta, now: datetime) -> timedelta | None:
    """Return how long the next look at a send may wait; None if it does not ask for one itself."""
    if send.state is SendState.CLOSED:
        return None
    if send.state is SendState.PAUSED:
        if send.paused_by is not PausedBy.OUTAGE:
            return None
        return min(every, max(SOON, next_probe_at(send, now) - now))
    if send.doubts_end_at is None:
        return every
    if now < send.doubts_end_at:
        return min(every, max(SOON, send.doubts_end_at - now))
    fresh = send.probe is not None and now - send.probe.asked_at < FOR_A_WHILE
    return min(every, SOON if fresh else every if send.doubts_wait_for else OFTEN)


def next_probe_at(send: Send, now: datetime) -> datetime:
    """Return when SES is asked again while it gives no clear answer: after seconds at first, then less and less."""
    began = send.paused_at or now
    asked = send.probe.asked_at if send.probe and send.probe.asked_at >= began else None
    if asked is not None:
        return asked + min(FARTHEST, max(SOON, asked - began))
    ended = send.outage_ended_at
    return began + (FARTHEST if ended is not None and began - ended < AGAIN else SOON)
