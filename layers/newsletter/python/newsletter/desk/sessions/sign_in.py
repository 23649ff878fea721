"""Signing in: by the link in the browser that asked for it, elsewhere by the code that came with it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.desk.domain.session import hash_of
from newsletter.desk.domain.sign_in_attempt import (
    GUESSES,
    WRONG_CODES_A_DAY,
    SignInAttempt,
    attempt_named_by,
    is_code,
    is_link,
)
from newsletter.desk.session_ports import SessionPorts
from newsletter.desk.sessions.open_session import SignedIn, SignInResult, open_session


@dataclass(frozen=True, slots=True)
class SignInProof:
    """What somebody shows who wants to sign in; each may be empty."""

    token: str = ""
    """Of the link in the email."""
    code: str = ""
    """The six digits in the email."""
    attempt_id: str = ""
    """From the cookie of the browser that asked."""
    browser_secret: str = ""


def sign_in(proof: SignInProof, *, ports: SessionPorts, now: datetime) -> SignedIn:
    """Open a session if this proves that somebody of the team reads the email."""
    by_link = bool(proof.token)
    attempt = ports.sessions.attempt(attempt_named_by(proof.token) if by_link else proof.attempt_id)
    if attempt is None or (by_link and not is_link(proof.token, attempt, now=now)):
        return SignedIn(SignInResult.OVER)
    member = ports.members.get(attempt.member_id) if attempt.is_open(now) else None
    if member is None:
        return SignedIn(SignInResult.OVER)
    same_browser = hmac.compare_digest(hash_of(proof.browser_secret), attempt.browser_hash)
    if not (by_link and same_browser):
        if not by_link and not same_browser:
            return SignedIn(SignInResult.OVER)  # a code alone is worth something in the browser that asked, no other
        if not proof.code:
            return SignedIn(SignInResult.CODE_NEEDED)
        if not _guesses_left(attempt, ports, now):
            return SignedIn(SignInResult.OVER)
        if not is_code(proof.code, attempt.attempt_id, attempt.secret):
            return SignedIn(SignInResult.WRONG_CODE)
    if not ports.sessions.use_up(attempt.attempt_id):
        return SignedIn(SignInResult.OVER)
    return open_session(member, sessions=ports.sessions, activities=ports.activities, now=now)


def _guesses_left(attempt: SignInAttempt, ports: SessionPorts, now: datetime) -> bool:
    """Count a guess before it is compared, so that many at once are not more than many one by one."""
    if not ports.sessions.count_guess(attempt.attempt_id, most=GUESSES):
        return False
    key = f"sign-in-codes#{attempt.member_id}#{now.date().isoformat()}"
    return ports.counters.bump(key, expires_at=now + timedelta(days=2)) <= WRONG_CODES_A_DAY
