"""The suppression list that SES keeps for the account."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import AccountUnknownError
from newsletter.readers.domain.suppression import Listed, SuppressionReason
from newsletter.sending.adapters.ses_answers import ANSWERS, name
from newsletter.sending.domain.answer import Retry

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

OURS = {"BOUNCE": SuppressionReason.HARD_BOUNCE, "COMPLAINT": SuppressionReason.COMPLAINT}
THEIRS: dict[SuppressionReason, Any] = {ours: theirs for theirs, ours in OURS.items()}


class SesSuppressionList:
    """Reads the list by page, adds to it, and takes away. Give it a patient client: asking again is safe."""

    def __init__(self, client: SESV2Client) -> None:
        self._client = client

    def page(self, page_token: str, *, limit: int) -> tuple[list[Listed], str]:
        """Return one page, and the token of the next; no token is the first page, and the last one has none behind it.

        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListSuppressedDestinations.html
        """
        at: Any = {"NextToken": page_token} if page_token else {}
        try:
            said = self._client.list_suppressed_destinations(PageSize=limit, **at)
        except (ClientError, BotoCoreError) as exc:
            raise AccountUnknownError(f"SES did not say whom it suppresses: {name(exc)}") from None
        page = [
            Listed(each["EmailAddress"], OURS[each["Reason"]], each["LastUpdateTime"].astimezone(UTC))
            for each in said["SuppressedDestinationSummaries"]
        ]
        return page, said.get("NextToken", "")

    def put(self, email: str, reason: SuppressionReason) -> bool:
        """Put one address on the list; False if SES does not take it, as in its sandbox.

        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutSuppressedDestination.html
        """
        try:
            self._client.put_suppressed_destination(EmailAddress=email, Reason=THEIRS[reason])
        except (ClientError, BotoCoreError) as exc:
            if isinstance(exc, ClientError) and _is_refusal(exc):
                return False
            # Cut off from its cause: SES writes addresses into its sentences, and tracebacks go into logs.
            raise AccountUnknownError(f"SES did not take an address: {name(exc)}") from None
        return True

    def remove(self, email: str) -> None:
        """Take one address off the list; nothing if it is not on it.

        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DeleteSuppressedDestination.html
        """
        try:
            self._client.delete_suppressed_destination(EmailAddress=email)
        except (ClientError, BotoCoreError) as exc:
            if name(exc) != "NotFoundException":
                raise AccountUnknownError(f"SES did not take the address off its list: {name(exc)}") from None


def _is_refusal(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return 400 <= status < 500 and ANSWERS.get(name(error)) is not Retry.TOO_MANY_CALLS
