"""Signing in with a passkey: the device signs a challenge, and nothing has to be typed or mailed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter.desk.domain.activity import Activity
from newsletter.desk.domain.session import hash_of
from newsletter.desk.passkey_ports import Assertion, PasskeyPorts
from newsletter.desk.passkeys.passkey import CHALLENGE_BYTES, Passkey, PasskeyChallenge, challenge_hash, id_of
from newsletter.desk.sessions.open_session import SignedIn, SignInResult, open_session
from newsletter.errors import NetworkFullError, PasskeyRefusedError
from newsletter.readers.domain.limits import NETWORK, Limit, Subject

LIMITS = (
    Limit(f"passkey-{NETWORK}", Subject.NETWORK, 60, timedelta(hours=1)),
    Limit(f"passkey-{NETWORK}", Subject.SITE, 120, timedelta(hours=1)),
)
"""As for emails with a link; each try takes a challenge of its own."""

OVER = SignedIn(SignInResult.OVER)

NOBODYS = Passkey(
    passkey_id="",
    member_id="0" * 16,
    credential_id=b"",
    user_handle=b"",
    public_key=bytes.fromhex(
        "a5010203262001"
        "2158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "2258204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    ),
    added_at=datetime(2026, 1, 1, tzinfo=UTC),
)
"""Stands in for a passkey that nobody has, so that the answer takes as long: its key is the generator of the curve."""


@dataclass(frozen=True, slots=True)
class AskedDevice:
    """A challenge that was handed out, and the secret for the cookie of the browser that it is for."""

    options: Mapping[str, Any]
    browser_secret: str


def ask_for_passkey(*, network: str, ports: PasskeyPorts, now: datetime) -> AskedDevice:
    """Hand out a challenge. It says nothing about anybody: the browser offers the passkeys that it has for this site.

    Raises:
        NetworkFullError: Too many asked from this network.
        StoreBusyError: The person may try again.
    """
    if ports.limiter.stopped_by(LIMITS, {Subject.NETWORK: network}, now=now):
        raise NetworkFullError("too many tries to sign in from this network within an hour")
    challenge, browser_secret = secrets.token_bytes(CHALLENGE_BYTES), secrets.token_urlsafe(32)
    ports.passkeys.ask(PasskeyChallenge(challenge_hash(challenge), hash_of(browser_secret), now))
    return AskedDevice(ports.ceremonies.to_sign_in(challenge), browser_secret)


def sign_in_by_passkey(answered: str, browser_secret: str, *, ports: PasskeyPorts, now: datetime) -> SignedIn:
    """Open a session if a passkey of somebody of the team signed the challenge that this browser was given.

    Whatever is wrong, the answer is the same, and nearly the same work was done for it.
    """
    try:
        assertion = ports.ceremonies.assertion(answered)
    except PasskeyRefusedError:
        return OVER
    challenge = ports.passkeys.take(challenge_hash(assertion.challenge))
    known = ports.passkeys.find(id_of(assertion.credential_id))
    passkey = known or NOBODYS
    member = ports.members.get(passkey.member_id)
    sign_count = _proved(assertion, passkey, ports)
    if challenge is None or not challenge.is_for(hash_of(browser_secret), to_add=False, now=now):
        return OVER
    if known is None or sign_count is None or assertion.user_handle != known.user_handle:
        return OVER
    if member is None or not known.is_of(member):
        return OVER
    if known.is_copied(sign_count):
        _note_copy(member.label, known, ports, now)
        return OVER
    if not ports.passkeys.note_use(known, sign_count, now):
        return OVER
    return open_session(member, sessions=ports.sessions, activities=ports.activities, passkey=known, now=now)


def _proved(assertion: Assertion, passkey: Passkey, ports: PasskeyPorts) -> int | None:
    """Return the device's counter; None if this passkey did not sign."""
    try:
        return ports.ceremonies.proved(assertion, passkey.public_key)
    except PasskeyRefusedError:
        return None


def _note_copy(actor: str, passkey: Passkey, ports: PasskeyPorts, now: datetime) -> None:
    details = "its counter went back, so somebody may have a copy: remove it"
    ports.activities.note(Activity(now, actor, "was not let in by passkey", passkey.name, details))
