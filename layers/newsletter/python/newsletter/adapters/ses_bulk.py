"""An issue to up to 50 recipients in one call of SES: SendBulkEmail with an inline template."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import formataddr
from typing import TYPE_CHECKING

from newsletter.adapters.ses_errors import one_attempt
from newsletter.domain.batch import LARGEST_BATCH
from newsletter.domain.issue import RenderedIssue
from newsletter.domain.newsletter import Newsletter
from newsletter.domain.outcome import Answer, Outcome, Wait
from newsletter.domain.send import Recipient
from newsletter.errors import (
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
)

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import BulkEmailEntryTypeDef

ANSWERS: dict[str, Answer] = {
    "SUCCESS": Outcome.SENT,
    "MESSAGE_REJECTED": Outcome.REJECTED,
    "INVALID_PARAMETER": Outcome.REJECTED,
    "FAILED": Outcome.GAVE_UP,  # the job tries a few times before it believes this
    "ACCOUNT_THROTTLED": Wait.SOON,
    "TRANSIENT_FAILURE": Wait.SOON,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Wait.LONG,
    "ACCOUNT_SENDING_PAUSED": Wait.LONG,
    "ACCOUNT_SUSPENDED": Wait.LONG,
    "CONFIGURATION_SET_NOT_FOUND": Wait.LONG,
    "CONFIGURATION_SET_SENDING_PAUSED": Wait.LONG,
    "INVALID_SENDING_POOL_NAME": Wait.LONG,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": Wait.LONG,
    "TEMPLATE_NOT_FOUND": Wait.LONG,
}
"""Every status of SES, and what it means for the recipient.

Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_BulkEmailEntryResult.html
"""


NARROWING_CALLS = 24
"""Two halves at each of the six steps from fifty to one, for two culprits; each such answer comes at once."""


class SesBulk:
    """Fifty times fewer calls than one by one. Results name nobody: they are matched by position."""

    entries = LARGEST_BATCH

    def __init__(self, client: SESV2Client, newsletter: Newsletter, configuration_set: str) -> None:
        self._client = client
        self._newsletter = newsletter
        self._configuration_set = configuration_set

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        """Make one attempt; a call refused as malformed is narrowed down to the entry that is to blame.

        Narrowing asks again only about recipients whom SES provably refused, and stops after a few calls: what was not
        asked by then waits for the next look at the batch.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendingPausedError: As for the whole call.
        """
        try:
            return self._call(rendered, recipients)
        except SendRejectedError:
            return self._narrowed(rendered, recipients)

    def _narrowed(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        answers: dict[str, Answer] = {}
        refused = [recipients]
        for _ in range(NARROWING_CALLS // 2):
            if not refused:
                break
            suspects = refused.pop()
            if len(suspects) == 1:
                answers[suspects[0].subscriber_id] = Outcome.REJECTED
                continue
            middle = len(suspects) // 2
            for half in (suspects[:middle], suspects[middle:]):
                try:
                    said = self._call(rendered, half)
                except SendRejectedError:
                    refused.append(half)
                    continue
                except SendThrottledError as throttled:
                    said = [Wait.LONG if throttled.daily else Wait.SOON] * len(half)
                except SendingPausedError:
                    said = [Wait.LONG] * len(half)
                except SendOutcomeUnknownError:
                    said = [Outcome.UNKNOWN] * len(half)
                answers |= {recipient.subscriber_id: answer for recipient, answer in zip(half, said, strict=True)}
        for suspects in refused:
            if len(suspects) == 1:
                answers[suspects[0].subscriber_id] = Outcome.REJECTED
        return [answers.get(recipient.subscriber_id, Wait.SOON) for recipient in recipients]

    def _call(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        with one_attempt():
            response = self._client.send_bulk_email(
                FromEmailAddress=formataddr((self._newsletter.name, self._newsletter.sender_email)),
                ReplyToAddresses=[self._newsletter.reply_to],
                ConfigurationSetName=self._configuration_set,
                DefaultContent={
                    "Template": {
                        "TemplateContent": {
                            "Subject": rendered.subject,
                            "Html": rendered.html,
                            "Text": rendered.text,
                        },
                        # Never used: each entry brings every variable, since SES does not say whether it merges.
                        "TemplateData": "{}",
                    }
                },
                BulkEmailEntries=[_entry(recipient) for recipient in recipients],
            )
        results = response["BulkEmailEntryResults"]
        if len(results) != len(recipients):
            return [Outcome.UNKNOWN] * len(recipients)
        return [ANSWERS.get(result.get("Status", ""), Outcome.UNKNOWN) for result in results]


def _entry(recipient: Recipient) -> BulkEmailEntryTypeDef:
    return {
        "Destination": {"ToAddresses": [recipient.email]},
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(recipient.variables)}
        },
        "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in recipient.headers],
        "ReplacementTags": [{"Name": name, "Value": value} for name, value in recipient.tags.items()],
    }
