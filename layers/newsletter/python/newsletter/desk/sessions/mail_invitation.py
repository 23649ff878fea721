"""The email to somebody who was invited to the team."""

from __future__ import annotations

from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.domain.role_words import ROLES
from newsletter.desk.session_ports import SignInMailPorts


def mail_invitation(invitation: Invitation, *, ports: SignInMailPorts) -> bool:
    """Tell somebody that they are in the team; return whether they still are, and were mailed.

    It holds no secret: whoever reads it signs in like everybody else, by an email to the address that was invited.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendingPausedError: Ask again.
    """
    member = ports.members.get(invitation.member_id)
    if member is None:
        return False
    inviter = ports.members.get(invitation.by) if invitation.by else None
    mail = ports.mails.mail(
        "editors_invited",
        name=member.name,
        inviter=inviter.label if inviter is not None else "",
        roles=[(name, what_for) for role, name, what_for in ROLES if role in member.roles],
        email=member.email,
        desk_url=f"{ports.public_url}/desk/",
    )
    ports.mailer.send(member.email, mail, kind="editors")
    return True
