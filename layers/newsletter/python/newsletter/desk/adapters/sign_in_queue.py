"""Emails about signing in that wait to be written, on SQS.

Shapes: {"sign_in": id of an attempt}, {"invited": id of a member, "by": id of a member or nothing},
{"passkey_added": id of a member}, {"webhook_gone": id of a member, "endpoint": its label}.
"""

from __future__ import annotations

import re

from newsletter.aws.queue import SqsQueue, message_fields, message_json
from newsletter.core.text import one_line
from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.passkeys.passkey import PasskeyNews
from newsletter.desk.webhooks.endpoint import EndpointGone, WebhookEndpoint
from newsletter.errors import MalformedMessageError


class SqsSignInQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def mail(self, attempt_id: str) -> None:
        """Ask for the email of one attempt."""
        self._queue.put([{"sign_in": attempt_id}])

    def invite(self, invitation: Invitation) -> None:
        """Ask for the email to somebody who was invited."""
        self._queue.put([{"invited": invitation.member_id, "by": invitation.by}])

    def tell_of_gone(self, endpoint: WebhookEndpoint) -> None:
        """Ask for the email to whoever entered an endpoint that wants no events any more."""
        self._queue.put([{"webhook_gone": endpoint.made_by, "endpoint": endpoint.label}])

    def tell_of_passkey(self, member_id: str) -> None:
        """Ask for the email to somebody to whom a passkey was added."""
        self._queue.put([{"passkey_added": member_id}])


def read_message(body: str) -> str | Invitation | PasskeyNews | EndpointGone:
    """Return the attempt that waits for its email, or the invitation, or whom to tell of a passkey or an endpoint.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    said = message_json(body)
    if isinstance(said, dict) and "invited" in said:
        fields = message_fields(body, "invited", "by")
        if not (re.fullmatch("[0-9a-f]{16}", fields["invited"]) and re.fullmatch("([0-9a-f]{16})?", fields["by"])):
            raise MalformedMessageError("the message names nobody who was invited")
        return Invitation(fields["invited"], fields["by"])
    if isinstance(said, dict) and "passkey_added" in said:
        member_id = message_fields(body, "passkey_added")["passkey_added"]
        if not re.fullmatch("[0-9a-f]{16}", member_id):
            raise MalformedMessageError("the message names nobody who has a passkey")
        return PasskeyNews(member_id)
    if isinstance(said, dict) and "webhook_gone" in said:
        fields = message_fields(body, "webhook_gone", "endpoint")
        if not re.fullmatch("[0-9a-f]{16}", fields["webhook_gone"]):
            raise MalformedMessageError("the message names nobody who entered an endpoint")
        return EndpointGone(fields["webhook_gone"], one_line(fields["endpoint"]))
    attempt_id = message_fields(body, "sign_in")["sign_in"]
    if not re.fullmatch("[0-9a-f]{32}", attempt_id):
        raise MalformedMessageError("the message names no attempt to sign in")
    return attempt_id
