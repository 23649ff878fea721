"""One message SES accepted."""

from dataclasses import dataclass
from datetime import UTC, datetime

from local.simulator import mime
from local.simulator.content import Content
from local.simulator.mailbox import Fate

Stamps = tuple[tuple[str, str], ...]


def stamps(message_id: str, region: str, sent_at: float) -> Stamps:
    """Return the fields SES sets whatever its caller wrote."""
    domain = "email" if region == "us-east-1" else region
    at = datetime.fromtimestamp(sent_at, UTC)
    return (("Message-ID", f"<{message_id}@{domain}.amazonses.com>"), ("Date", mime.date_header(at)))


@dataclass(frozen=True, slots=True)
class Message:
    """What SES knows of a message from the moment it answers with an id. Addresses are bare, in the order given."""

    message_id: str
    region: str
    sent_at: float
    sender: str
    author: str
    """The sender as the From field has it, with a display name if there is one."""
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    fates: tuple[Fate, ...]
    subject: str
    tags: tuple[tuple[str, str], ...]
    operation: str
    configuration_set: str
    identity_arn: str
    caller: str
    content: Content
    failure: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return everybody it goes to."""
        return self.to + self.cc + self.bcc

    @property
    def stamps(self) -> Stamps:
        """Return the fields SES set."""
        return stamps(self.message_id, self.region, self.sent_at)

    @property
    def left_ses(self) -> bool:
        """Whether anybody's server was offered the message."""
        return any(fate.left_ses for fate in self.fates)

    def raw(self) -> bytes:
        """Return the message as the recipient gets it."""
        return self.content.raw(self)

    def header_fields(self) -> list[tuple[str, str]]:
        """Return the header as the recipient gets it, undecoded."""
        return self.content.header_fields(self)
