"""The email to somebody to whom a passkey was added."""

from __future__ import annotations

from newsletter.desk.passkeys.passkey import PasskeyNews
from newsletter.desk.session_ports import SignInMailPorts


def mail_passkey(passkey_news: PasskeyNews, *, ports: SignInMailPorts) -> bool:
    """Tell somebody that a passkey signs them in from now on; return whether they are in the team, and were mailed.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendingPausedError: Ask again.
    """
    member = ports.members.get(passkey_news.member_id)
    if member is None:
        return False
    account_url = f"{ports.public_url}/desk/account/"
    mail = ports.mails.mail("editors_passkey_added", name=member.name, email=member.email, account_url=account_url)
    ports.mailer.send(member.email, mail, kind="editors")
    return True
