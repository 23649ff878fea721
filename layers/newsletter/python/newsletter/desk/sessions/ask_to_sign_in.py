"""Asking for a link to sign in: the same answer, after the same work, for every address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.core.team import Editor
from newsletter.desk.domain.session import hash_of
from newsletter.desk.domain.sign_in_attempt import SignInAttempt
from newsletter.desk.session_ports import AskPorts
from newsletter.errors import NetworkFullError
from newsletter.readers.domain.limits import NETWORK, Limit, Subject

LONGEST_EMAIL = 254
"""RFC 5321, section 4.5.3.1.3, without the brackets."""

LIMITS = (
    Limit(f"sign-in-{NETWORK}", Subject.NETWORK, 60, timedelta(hours=1)),
    Limit(f"sign-in-{NETWORK}", Subject.SITE, 120, timedelta(hours=1)),
    Limit("sign-in-address", Subject.ADDRESS, 20, timedelta(hours=1)),
)
"""For one office, and for one address. A person on three devices, whose emails are slow, asks some ten times; what a
stranger can have sent in somebody's name stays a nuisance. Guesses of codes have a limit of their own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An attempt that began; the browser that asked keeps both, in a cookie."""

    attempt_id: str
    browser_secret: str


def ask_to_sign_in(email: str, *, network: str, ports: AskPorts, now: datetime) -> Asked:
    """Begin an attempt, and have the email written if the address is a member's.

    Strangers' attempts are kept and queued as well: neither what we answer nor how long it takes tells who is a member.

    Raises:
        NetworkFullError: Too many asked from this network, whoever they named.
        StoreBusyError: The person may try again.
    """
    member_id = Editor("", email.strip()[:LONGEST_EMAIL]).editor_id
    stop = ports.limiter.stopped_by(LIMITS, {Subject.NETWORK: network, Subject.ADDRESS: member_id}, now=now)
    if stop.endswith(NETWORK):
        raise NetworkFullError("too many people asked to sign in from this network within an hour")
    member = ports.members.get(member_id)
    asked = Asked(secrets.token_hex(16), secrets.token_urlsafe(32))
    known_id = member.member_id if member is not None and not stop else ""
    ports.sessions.begin(
        SignInAttempt(asked.attempt_id, known_id, hash_of(asked.browser_secret), now, secret=secrets.token_hex(32))
    )
    ports.queue.mail(asked.attempt_id)
    return asked
