"""An issue to up to 50 recipients in one call of SES: SendBulkEmail with an inline template."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.plain_answers import leave_plain
from newsletter.aws.prepared_bodies import WithSharedBeginning, prepare_bodies
from newsletter.core.links import issue_headers
from newsletter.core.newsletter import Newsletter
from newsletter.errors import SendRejectedError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.sending.adapters.ses_answers import of_entry, of_failure
from newsletter.sending.domain.answer import Answer, Retry
from newsletter.sending.domain.batch import ONE_CALL
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Recipient
from newsletter.sending.reply_addresses import reply_addresses
from newsletter.web.mail_header import mailbox

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import BulkEmailEntryTypeDef

OPERATION, ENTRIES = "SendBulkEmail", "BulkEmailEntries"

NARROWING_CALLS = 24
"""Two halves at each of the six steps from fifty to one, for two culprits; each such answer comes at once."""


class SesBulk:
    """Fifty times fewer calls than one by one. Results name nobody: they are matched by position."""

    entries = ONE_CALL

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
        """Make one attempt; a call refused as malformed is narrowed down to the entry that is to blame.

        Narrowing asks again only about recipients whom SES provably refused, and stops after a few calls: what was not
        asked by then waits for the next look at the batch. When every call of it is refused, the issue is to blame, and
        everybody is answered as rejected.
        """
        try:
            return self._call(rendered, recipients)
        except SendRejectedError:
            return self._narrowed(rendered, recipients)

    def _narrowed(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        answers: dict[str, Answer] = {}
        refused, all_refused = [recipients], True
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
                all_refused = False
                answers |= {recipient.subscriber_id: answer for recipient, answer in zip(half, said, strict=True)}
        if all_refused:
            return [Outcome.REJECTED] * len(recipients)
        for suspects in refused:
            if len(suspects) == 1:
                answers[suspects[0].subscriber_id] = Outcome.REJECTED
        return [answers.get(recipient.subscriber_id, Retry.PASSING) for recipient in recipients]

    def _call(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        """Raises: SendRejectedError: SES refused the call as a whole, and would again."""
        try:
            response = self._client.send_bulk_email(
                FromEmailAddress=mailbox(self._newsletter.name, self._newsletter.sender_email),
                ReplyToAddresses=reply_addresses(self._newsletter, rendered.slug, self._replies_at),
                ConfigurationSetName=self._configuration_set,
                DefaultContent={
                    "Template": {
                        "TemplateContent": {
                            # Plain: SES fills in the variables first, and encodes the subject for the header then.
                            "Subject": rendered.subject,
                            "Html": rendered.html,
                            "Text": rendered.text,
                        },
                        # Never used: each entry brings every variable, since SES does not say whether it merges.
                        "TemplateData": "{}",
                    }
                },
                # The last argument: all that stands before is made once an issue (see `in_bulk`).
                BulkEmailEntries=[_entry(recipient, self._headers) for recipient in recipients],
            )
        except (ClientError, BotoCoreError) as failure:
            answer = of_failure(failure)
            if answer is Outcome.REJECTED:
                raise SendRejectedError("SES refused the call") from None
            return [answer] * len(recipients)
        # An entry that was taken has no error, or one that is null.
        results = response["BulkEmailEntryResults"]
        if len(results) != len(recipients):
            return [Outcome.UNKNOWN] * len(recipients)
        return [of_entry(result.get("Status") or "", result.get("Error") or "") for result in results]


def in_bulk(client: Any) -> Any:
    """Let a client send to fifty recipients, and read what SES says, without a look at each value; return the client.

    To the caller that makes no difference.
    """
    prepare_bodies(client, OPERATION, WithSharedBeginning(ENTRIES), {"DefaultContent": {}, ENTRIES: []})
    return leave_plain(client, OPERATION, "BulkEmailEntryResults")


def _entry(recipient: Recipient, of_the_list: Sequence[tuple[str, str]]) -> BulkEmailEntryTypeDef:
    return {
        "Destination": {"ToAddresses": [recipient.email]},
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(recipient.variables)}
        },
        "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in (*recipient.headers, *of_the_list)],
        "ReplacementTags": [{"Name": name, "Value": value} for name, value in recipient.tags.items()],
    }
