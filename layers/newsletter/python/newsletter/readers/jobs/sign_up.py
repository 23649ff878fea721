"""A sign-up from the form of the website: looked at by the limits, then recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal

from newsletter.aws.side_by_side import side_by_side
from newsletter.core.races import LOST, Race, win
from newsletter.errors import InvalidAnswerError, InvalidEmailError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.limits import Lane, network_name
from newsletter.readers.domain.sign_up import Known, SignedUp, SignUp, SignUpWrite
from newsletter.readers.jobs.admit import Admission, Attempt, admit
from newsletter.readers.jobs.subscribe import BUSY, receipt, signed_up
from newsletter.readers.sign_up_ports import FormPorts
from newsletter.readers.waiting_line import WaitingLine


def sign_up(form: SignUp, *, ports: FormPorts, now: datetime) -> SignedUp:
    """Record a sign-up, unless a robot sent it or a limit is reached.

    Raises:
        InvalidEmailError: The address cannot be an address, or its domain takes no mail for certain.
        InvalidAnswerError: A field holds what it cannot, or nothing where something is required.
        StoreBusyError: The person may try again at once.
    """
    if form.in_honeypot:
        return SignedUp(late=WaitingLine(ports.limiter.counters).is_closed(now=now))
    mailbox = ports.addresses.mailbox(form.email)
    if form.answers.problems:
        raise InvalidAnswerError(next(iter(form.answers.problems.values())))
    subscriber_id = ports.addresses.subscriber_id(mailbox)
    domain = mailbox.email.rpartition("@")[2]
    attempt = Attempt(subscriber_id=subscriber_id, domain=domain, network=form.network, proof=form.proof)
    admission = admit(
        attempt,
        limiter=ports.limiter,
        sign_ups=ports.sign_ups,
        mail_domains=ports.mail_domains,
        threads=ports.threads,
        now=now,
    )
    verdict = admission.verdict
    if admission.to_no_mailbox and not verdict.of_network:
        # Before anything that depends on who it is: the answer is about the domain alone.
        raise InvalidEmailError("No email can be delivered to this address. Please check the part after the @ sign.")
    if verdict.allowed:
        recorded = _record(replace(form, email=mailbox.email), subscriber_id, admission, ports, now)
        if recorded is SignUpWrite.TOO_MANY:
            verdict = replace(verdict, allowed=False, reason=admission.of_address.limit.name)
    return SignedUp(subscriber_id, verdict, late=admission.late)


def _record(form: SignUp, subscriber_id: str, admission: Admission, ports: FormPorts, now: datetime) -> SignUpWrite:
    """Write the record, and queue the email that follows it.

    Whoever it is (new, on the list, suppressed), the same is done: one read, one write of two items, one message. So
    neither the answer nor the time it takes tells who is on the list. Which email follows is decided by `greet`, which
    waits for the record if the message is there first.
    """
    lane = admission.verdict.lane
    consent, came_from = receipt(form, ports.seal_key, now), network_name(form.network, key=ports.seal_key, now=now)
    greeting = Greeting(Occasion.SIGN_UP, subscriber_id, now, lane, network=came_from)
    delay = ports.slow_lane_seconds if lane is Lane.SLOW else 0

    def write(known: Known) -> SignUpWrite:
        record = signed_up(form, known.subscriber, subscriber_id=subscriber_id, consent=consent)
        if known.is_suppressed:
            return ports.sign_ups.pass_over(record, admission.of_address)
        return ports.sign_ups.record(record, admission.of_address)

    def again() -> SignUpWrite | Literal[Race.LOST]:
        recorded = write(ports.sign_ups.look(subscriber_id, ()))
        return LOST if recorded is SignUpWrite.LOST else recorded

    first, _ = side_by_side(
        [partial(write, admission.known), partial(ports.greet_queue.greet, greeting, delay=delay)], ports.threads
    )
    return SignUpWrite(first) if first is not SignUpWrite.LOST else win(again, busy=BUSY)
