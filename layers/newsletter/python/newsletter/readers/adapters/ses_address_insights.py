"""What SES knows of an address before anybody writes to it: the operation GetEmailAddressInsights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sesv2 import SESV2Client

WITHOUT_THESE_NO_MAIL = ("HasValidSyntax", "HasValidDnsRecords", "MailboxExists")
"""Of what SES looks at, what keeps mail from arriving. The rest (a role such as info@, a throwaway domain, a random
name) says who may be reading."""

UNLIKELY = "LOW"


class SesAddressInsights:
    """Asks SES, once for each address, for a price."""

    def __init__(self, client: SESV2Client) -> None:
        self._client = client

    def is_undeliverable(self, email: str) -> bool:
        """Return whether SES takes it for certain that nothing arrives at this address.

        It does so if it takes the address as a whole for invalid, and syntax, domain or mailbox for missing. Without
        an answer (throttled, refused, too late, another shape) mail may well arrive.

        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailAddressInsights.html
        """
        try:
            answer: Mapping[str, Any] = self._client.get_email_address_insights(EmailAddress=email)
        except (ClientError, BotoCoreError):
            return False
        validation = answer.get("MailboxValidation") or {}
        checks = validation.get("Evaluations") or {}
        return _is_unlikely(validation.get("IsValid")) and any(
            _is_unlikely(checks.get(name)) for name in WITHOUT_THESE_NO_MAIL
        )


def _is_unlikely(verdict: Mapping[str, Any] | None) -> bool:
    return (verdict or {}).get("ConfidenceVerdict") == UNLIKELY


class NoAddressInsights:
    """Asks nobody: `AddressInsights` is off."""

    def is_undeliverable(self, email: str) -> bool:
        """Return False."""
        del email
        return False
