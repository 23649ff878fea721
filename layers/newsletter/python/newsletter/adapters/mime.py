"""One MIME message: two alternatives, the headers of its kind, nothing that can be injected."""

from __future__ import annotations

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from newsletter.domain.content import MailContent
from newsletter.domain.newsletter import Newsletter
from newsletter.domain.personal import one_line


def mime_message(newsletter: Newsletter, to: str, mail: MailContent, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return the message as SES takes it: lines of at most 998 characters, everything in ASCII."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=78))
    message["From"] = Address(newsletter.name, addr_spec=newsletter.sender_email)
    message["To"] = to
    message["Reply-To"] = newsletter.reply_to
    message["Subject"] = one_line(mail.subject)
    for name, value in headers:
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()
