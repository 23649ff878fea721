"""One MIME message: two alternatives, the headers of its kind, nothing that can be injected."""

from __future__ import annotations

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from newsletter.core.content import MailContent
from newsletter.core.newsletter import Newsletter
from newsletter.core.text import one_line

LONGEST_LINE = 990
"""RFC 5322 allows 998 characters in a line, the colon and the space among them."""


def mime_message(newsletter: Newsletter, to: str, mail: MailContent, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return the message as SES takes it: lines of at most 998 characters, everything in ASCII."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=78))
    message["From"] = Address(newsletter.name, addr_spec=newsletter.sender_email)
    message["To"] = to
    message["Reply-To"] = newsletter.reply_to
    message["Subject"] = one_line(mail.subject)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return _as_they_are(headers) + message.as_bytes()


def _as_they_are(headers: Sequence[tuple[str, str]]) -> bytes:
    """Return headers unfolded: the folder would turn a long address into encoded words, which nobody can follow.

    Raises:
        ValueError: A header that cannot stand in a mail like this: not ASCII, a line break, or too long for a line.
    """
    for name, value in headers:
        if not (name + value).isascii() or not (name + value).isprintable() or len(name) + len(value) > LONGEST_LINE:
            raise ValueError(f"the header {name} cannot stand in a mail as it is")
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
