"""An issue, one message a call: for accounts where SES limits bulk calls. Several calls run side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.core.content import MailContent
from newsletter.core.links import issue_headers
from newsletter.core.newsletter import Newsletter
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute
from newsletter.sending.adapters.ses_answers import of_failure
from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Recipient
from newsletter.sending.reply_addresses import reply_addresses
from newsletter.web.mime import mime_message

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

CALLS_AT_ONCE = 8
"""At 60 ms a call this is about 130 a second, which is more than most accounts may send."""


class SesSingle:
    """Puts the same bodies and headers in front of the reader as the bulk transport does."""

    entries = CALLS_AT_ONCE

    def __init__(
        self,
        client: SESV2Client,
        newsletter: Newsletter,
        configuration_set: str,
        *,
        replies_at: Callable[[str], str] | None = None,
    ) -> None:
        """Hand issues over in the name of a newsletter.

        Args:
            client: Of SES; it makes one attempt.
            newsletter: Whom replies go to, among others.
            configuration_set: Of issues.
            replies_at: Returns the second address that replies to an issue go to, at which they are counted.
        """
        self._client = client
        self._newsletter = newsletter
        self._configuration_set = configuration_set
        self._replies_at = replies_at
        self._headers = issue_headers(newsletter.sender_email)

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        """Make one attempt for each recipient; whatever befalls one says nothing about the others."""
        with ThreadPoolExecutor(CALLS_AT_ONCE) as calls:
            return list(calls.map(lambda recipient: self._answer(rendered, recipient), recipients))

    def _answer(self, rendered: RenderedIssue, recipient: Recipient) -> Answer:
        message = self._message(rendered, recipient)
        try:
            self._client.send_email(
                FromEmailAddress=self._newsletter.sender_email,
                Destination={"ToAddresses": [recipient.email]},
                Content={"Raw": {"Data": message}},
                EmailTags=[{"Name": name, "Value": value} for name, value in recipient.tags.items()],
                ConfigurationSetName=self._configuration_set,
            )
        except (ClientError, BotoCoreError) as failure:
            return of_failure(failure)
        return Outcome.SENT

    def _message(self, rendered: RenderedIssue, recipient: Recipient) -> bytes:
        mail = MailContent(
            subject=substitute(rendered.subject, recipient.variables),
            html=substitute(rendered.html, recipient.variables),
            text=substitute(rendered.text, recipient.variables),
        )
        reply_to = ", ".join(reply_addresses(self._newsletter, rendered.slug, self._replies_at))
        newsletter = replace(self._newsletter, reply_to=reply_to)
        return mime_message(newsletter, recipient.email, mail, (*recipient.headers, *self._headers))
