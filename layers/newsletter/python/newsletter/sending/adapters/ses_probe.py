"""Mail to SES's own mailbox, through the configuration set of the issues: reported like an issue, read by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.core.content import MailContent
from newsletter.core.links import AUTOMATIC
from newsletter.core.newsletter import Newsletter
from newsletter.sending.adapters.ses_answers import of_failure
from newsletter.sending.domain.answer import Answer, Retry
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import ProbeAnswer, Probed
from newsletter.sending.domain.send import SIMULATOR
from newsletter.web.mime import mime_message

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

SENTENCE = "This message shows whether the reports of Amazon SES arrive. Nobody reads it, and it needs no answer."
CONTENT = MailContent(subject="Do reports arrive?", html=f"<p>{SENTENCE}</p>", text=f"{SENTENCE}\n")


class SesProbe:
    """Hands over probes; each message books its place in the account's rate."""

    def __init__(
        self,
        client: SESV2Client,
        newsletter: Newsletter,
        configuration_set: str,
        *,
        book: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a prober.

        Args:
            client: Makes one attempt for each call.
            newsletter: Who writes.
            configuration_set: Of the issues, since it is their reports that are in question.
            book: Told of each message that is about to leave.
        """
        self._client = client
        self._newsletter = newsletter
        self._configuration_set = configuration_set
        self._book = book

    def send(self, message_count: int) -> Probed:
        """Hand over up to so many messages; stop at the first that SES does not take."""
        probe_id, accepted = uuid4().hex, 0
        for _ in range(message_count):
            answer = self._one(probe_id)
            if answer is Outcome.SENT:
                accepted += 1
            elif answer in (Outcome.UNKNOWN, Retry.PASSING):
                return Probed(ProbeAnswer.UNCLEAR)  # how many reports to expect is not known either
            elif accepted == 0:
                return Probed(ProbeAnswer.LATER if isinstance(answer, Retry) else ProbeAnswer.REFUSED)
            else:
                break
        return Probed(ProbeAnswer.ACCEPTED, probe_id, accepted)

    def _one(self, probe_id: str) -> Answer:
        self._book()
        address = f"success+probe-{probe_id}@{SIMULATOR}"
        try:
            self._client.send_email(
                FromEmailAddress=self._newsletter.sender_email,
                Destination={"ToAddresses": [address]},
                Content={"Raw": {"Data": mime_message(self._newsletter, address, CONTENT, (AUTOMATIC,))}},
                EmailTags=[{"Name": "kind", "Value": "probe"}, {"Name": "probe", "Value": probe_id}],
                ConfigurationSetName=self._configuration_set,
            )
        except (ClientError, BotoCoreError) as failure:
            return of_failure(failure)
        return Outcome.SENT
