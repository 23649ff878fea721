"""Opening a session for somebody who has just proved who they are."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.desk.domain.activity import Activity
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import Session, hash_of
from newsletter.desk.passkeys.passkey import Passkey
from newsletter.desk.session_ports import ActivityLog, SessionStore


class SignInResult(StrEnum):
    """What came of trying to sign in."""

    SIGNED_IN = "signed_in"
    CODE_NEEDED = "code_needed"
    """The link is good, but another browser asked for it."""
    WRONG_CODE = "wrong_code"
    OVER = "over"
    """Used, too old, too many wrong codes, or nobody of the team: the answer tells nobody which."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What came of trying, and the secret for the cookie if it went well."""

    result: SignInResult
    secret: str = ""
    member_id: str = ""


def open_session(
    member: Member, *, sessions: SessionStore, activities: ActivityLog, passkey: Passkey | None = None, now: datetime
) -> SignedIn:
    """Open a session, and note it; one by a passkey lasts longer."""
    secret = secrets.token_urlsafe(32)
    session = Session(hash_of(secret), member.member_id, opened_at=now, used_at=now, by_passkey=passkey is not None)
    sessions.open(session)
    details = f"by passkey: {passkey.name}" if passkey else ""
    activities.note(Activity(now, member.label, "signed in", details=details, session=session.name))
    return SignedIn(SignInResult.SIGNED_IN, secret, member.member_id)
