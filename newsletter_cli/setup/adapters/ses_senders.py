"""Identities at Amazon SES."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from newsletter.aws.ses_identity import MISSING
from newsletter_cli.setup.adapters.refusal import refusal_of
from newsletter_cli.setup.ports import Identity

THERE = ("AlreadyExistsException", "ConflictException")


class SesSenders:
    """Registers domains and mailboxes; `client` is of SES v2."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, identity: str) -> Identity | None:
        """Return what SES knows of an identity; None if nothing."""
        try:
            found = self._client.get_email_identity(EmailIdentity=identity)
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in MISSING:
                raise
            return None
        dkim = found.get("DkimAttributes", {})
        own_key = dkim.get("SigningAttributesOrigin") == "EXTERNAL"
        return Identity(
            verified=found.get("VerifiedForSendingStatus", False),
            tokens=() if own_key else tuple(dkim.get("Tokens", ())),
            signing_zone=dkim.get("SigningHostedZone", "dkim.amazonses.com"),
            mail_from=found.get("MailFromAttributes", {}).get("MailFromDomain", "").lower(),
        )

    def register(self, identity: str) -> None:
        """Register an identity; one that is there already, by another stack or by hand, stays as it is."""
        try:
            self._client.create_email_identity(EmailIdentity=identity)
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in THERE:
                raise

    def set_mail_from(self, domain: str, mail_from: str) -> None:
        """Have bounces come back below the domain; a record that is missing must not stop the mail."""
        self._client.put_email_identity_mail_from_attributes(
            EmailIdentity=domain, MailFromDomain=mail_from, BehaviorOnMxFailure="USE_DEFAULT_VALUE"
        )

    def ask_for_production(self, website: str, use_case: str, contact: str) -> str:
        """Ask AWS to take the account out of the sandbox; a request that is open already stands."""
        return refusal_of(
            lambda: self._client.put_account_details(
                ProductionAccessEnabled=True,
                MailType="MARKETING",
                WebsiteURL=website,
                ContactLanguage="EN",
                UseCaseDescription=use_case,
                AdditionalContactEmailAddresses=[contact],
            ),
            fine=THERE,
        )
