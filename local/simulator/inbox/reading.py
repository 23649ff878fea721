"""Takes a message apart again, as a mail program does: from its MIME source, not from what was sent to make it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from local.simulator import mime
from local.simulator.message import Message


@dataclass(frozen=True)
class Read:
    """A message as its recipient sees it."""

    headers: list[tuple[str, str]]
    html: str
    text: str
    raw: str

    def header(self, name: str) -> str:
        """Return a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def read(message: Message) -> Read:
    """Return the message parsed from its source."""
    raw = message.raw()
    parsed = message_from_bytes(raw, policy=default)
    return Read(
        headers=[(name, mime.decoded_header(value)) for name, value in mime.header_fields(raw)],
        html=_body(parsed, "html"),
        text=_body(parsed, "plain"),
        raw=raw.decode("utf-8", "replace"),
    )


def summary(message: Message) -> dict[str, Any]:
    """Return what is known of a message without making it."""
    return {
        "id": message.message_id,
        "to": ", ".join(message.to or message.recipients),
        "from": mime.decoded_header(message.author),
        "subject": message.subject,
        "tags": dict(message.tags),
        "sent_at": f"{sent_at(message):%Y-%m-%dT%H:%M:%S.%f}Z",
        "fates": dict(zip(message.recipients, message.fates, strict=True)),
        "operation": message.operation,
        "configuration_set": message.configuration_set,
    }


def sent_at(message: Message) -> datetime:
    """Return when SES accepted the message."""
    return datetime.fromtimestamp(message.sent_at, UTC)


def whole(message: Message) -> dict[str, Any]:
    """Return everything about a message, in the shape of the inbox's contract."""
    found = read(message)
    return {
        **summary(message),
        "headers": [list(each) for each in found.headers],
        "html": found.html,
        "text": found.text,
        "raw": found.raw,
    }


def _body(parsed: EmailMessage, subtype: str) -> str:
    part = parsed.get_body(preferencelist=(cast(Any, subtype),))
    if part is None:
        return ""
    content = cast(EmailMessage, part).get_content()
    # Line ends are those of a text in memory; on the wire they are CRLF.
    return str(content).replace("\r\n", "\n")
