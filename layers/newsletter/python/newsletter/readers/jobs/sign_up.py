"""A sign-up from the form of the website: looked at by the limits, then recorded."""

from __future__ import annotations

from datetime import datetime

from newsletter.readers.domain.limits import Lane
from newsletter.readers.domain.sign_up import SignedUp, SignUp
from newsletter.readers.jobs.admit import Attempt, admit
from newsletter.readers.jobs.subscribe import subscribe
from newsletter.readers.ports import FormPorts
from newsletter.readers.waiting_line import WaitingLine


def sign_up(form: SignUp, *, ports: FormPorts, now: datetime) -> SignedUp:
    """Record a sign-up, unless a robot sent it or a limit is reached.

    Raises:
        InvalidEmailError: The address cannot be an address.
        StoreBusyError: The person may try again at once.
    """
    late = WaitingLine(ports.limiter.counters).is_closed(now=now)
    if form.in_honeypot:
        return SignedUp(late=late)
    subscriber_id = ports.addresses.subscriber_id(ports.addresses.mailbox(form.email))
    attempt = Attempt(subscriber_id=subscriber_id, network=form.network, proof=form.proof)
    verdict = admit(attempt, limiter=ports.limiter, now=now)
    if verdict.allowed:
        delay = ports.slow_lane_seconds if verdict.lane is Lane.SLOW else 0
        kept, lane, key = ports.sign_up, verdict.lane, ports.seal_key
        subscribe(form, addresses=ports.addresses, ports=kept, seal_key=key, lane=lane, delay=delay, now=now)
    return SignedUp(subscriber_id, verdict, late=late)
