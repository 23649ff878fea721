"""One mail to one person, through SES: confirmations, welcomes, and mail to the editors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from newsletter.core.content import MailContent
from newsletter.core.links import AUTOMATIC
from newsletter.core.newsletter import Newsletter
from newsletter.sending.adapters.ses_errors import one_attempt
from newsletter.web.mime import mime_message

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesMailer:
    """Uses a configuration set of its own: a bot on the sign-up form must not cost the newsletter its reputation."""

    def __init__(
        self,
        client: SESV2Client,
        newsletter: Newsletter,
        configuration_set: str,
        *,
        book: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a mailer.

        Args:
            client: Makes one attempt for each call.
            newsletter: Who writes.
            configuration_set: Of mail to one person.
            book: Told of each mail that is about to leave, so that issues leave room for it.
        """
        self._client = client
        self._newsletter = newsletter
        self._configuration_set = configuration_set
        self._book = book

    def send(
        self,
        to: str,
        mail: MailContent,
        *,
        kind: str,
        subscriber_id: str = "",
        lane_tag: str = "",
        network_tag: str = "",
        cause_tag: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Make exactly one attempt.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
        """
        self._book()
        tags = (
            {"kind": kind}
            | ({"subscriber": subscriber_id} if subscriber_id else {})
            | ({"lane": lane_tag} if lane_tag else {})
            | ({"network": network_tag} if network_tag else {})
            | ({"cause": cause_tag} if cause_tag else {})
        )
        with one_attempt(to):
            self._client.send_email(
                FromEmailAddress=self._newsletter.sender_email,
                Destination={"ToAddresses": [to]},
                Content={"Raw": {"Data": mime_message(self._newsletter, to, mail, (*headers, AUTOMATIC))}},
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                ConfigurationSetName=self._configuration_set,
            )
