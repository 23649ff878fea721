"""The email with a link and a code to sign in, to a member of the team."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.sign_in_attempt import code_of, link_token
from newsletter.desk.session_ports import SignInMailPorts


def mail_sign_in(attempt_id: str, *, ports: SignInMailPorts, now: datetime) -> bool:
    """Send the email that an attempt waits for; return whether somebody was mailed.

    The message may come twice: the second email has the same link and the same code, which work once.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendingPausedError: Ask again.
    """
    attempt = ports.sessions.attempt(attempt_id)
    member = ports.members.get(attempt.member_id) if attempt is not None and attempt.is_open(now) else None
    if attempt is None or member is None:
        return False
    mail = ports.mails.mail(
        "editors_sign_in",
        name=member.name,
        sign_in_url=f"{ports.public_url}/desk/sign-in?token={link_token(attempt)}",
        code=code_of(attempt_id, attempt.secret),
    )
    ports.mailer.send(member.email, mail, kind="editors")
    return True
