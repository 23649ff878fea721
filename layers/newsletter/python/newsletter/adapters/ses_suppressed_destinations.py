"""SES's own suppression list of the account: taking an address off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesSuppressedDestinations:
    """Addresses that SES accepts mail for and does not deliver to."""

    def __init__(self, client: SESV2Client) -> None:
        self._client = client

    def lift(self, email: str) -> None:
        """Take an address off the list; nothing if it is not on it."""
        try:
            self._client.delete_suppressed_destination(EmailAddress=email)
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "NotFoundException":
                raise
