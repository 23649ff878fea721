"""One MIME message: two alternatives, the headers of its kind, nothing that can be injected."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from newsletter.core.content import MailContent
from newsletter.core.newsletter import Newsletter
from newsletter.core.text import without_line_breaks
from newsletter.web.mail_header import mailbox_field, text_field, verbatim_field


def mime_message(newsletter: Newsletter, to: str, mail: MailContent, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return the message as SES takes it: lines of at most 998 characters, everything in ASCII.

    Raises:
        ValueError: One of the headers cannot stand in a mail as it is.
    """
    message = EmailMessage(policy=SMTP)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    fields = (
        *(verbatim_field(name, value) for name, value in headers),
        mailbox_field("From", newsletter.name, newsletter.sender_email),
        # SES refuses an address that is not ASCII by itself; until then the message has to be well formed.
        verbatim_field("To", to) if to.isascii() else text_field("To", to),
        verbatim_field("Reply-To", newsletter.reply_to),
        text_field("Subject", without_line_breaks(mail.subject)),
    )
    return b"".join(fields) + message.as_bytes()
