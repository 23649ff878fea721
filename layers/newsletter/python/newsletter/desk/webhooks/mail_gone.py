"""The email to whoever entered an endpoint that wants no events any more."""

from __future__ import annotations

from newsletter.desk.session_ports import SignInMailPorts
from newsletter.desk.webhooks.endpoint import EndpointGone


def mail_gone(endpoint_gone: EndpointGone, *, ports: SignInMailPorts) -> bool:
    """Tell somebody that an endpoint of theirs was switched off; return whether they are in the team, and were mailed.

    Raises:
        SendThrottledError, SendOutcomeUnknownError, SendingPausedError: Ask again.
    """
    member = ports.members.get(endpoint_gone.member_id)
    if member is None:
        return False
    webhooks_url = f"{ports.public_url}/desk/team/webhooks/"
    mail = ports.mails.mail(
        "editors_webhook_gone", name=member.name, endpoint=endpoint_gone.label, webhooks_url=webhooks_url
    )
    ports.mailer.send(member.email, mail, kind="editors")
    return True
