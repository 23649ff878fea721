"""Addresses, checked by email-validator."""

from __future__ import annotations

from newsletter.errors import InvalidEmailError
from newsletter.readers.domain.subscriber import Mailbox, subscriber_id

LONGEST_EMAIL = 254
"""RFC 5321, path length less the angle brackets; longer input is not even looked at."""


class EmailAddresses:
    """Checks the form of an address; whether anybody reads it, only the confirmation mail can tell."""

    def __init__(self, address_key: str) -> None:
        self._address_key = address_key

    def mailbox(self, text: str) -> Mailbox:
        """Return the address as we write to it and as we compare it.

        SES takes local parts in ASCII only, and domains as Punycode.
        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html

        Raises:
            InvalidEmailError: The text is not an address we can write to.
        """
        if len(text) > LONGEST_EMAIL:
            raise InvalidEmailError("An email address can have at most 254 characters.")
        # Here, because its patterns take a tenth of a first answer to compile, and few answers look at an address.
        from email_validator import EmailNotValidError, validate_email

        try:
            valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError as exc:
            raise InvalidEmailError("This does not look like an email address. Please check it.") from exc
        email = valid.ascii_email
        if email is None:
            raise InvalidEmailError("Only Latin letters can come before the @ sign.")
        return Mailbox(email=email, identity=email.lower())

    def subscriber_id(self, mailbox: Mailbox) -> str:
        """Return the keyed hash that stands for this mailbox everywhere."""
        return subscriber_id(mailbox, self._address_key)
