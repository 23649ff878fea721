"""An event about one recipient as the table of sends holds it: 22 bytes, so that a batch of them is cheap."""

from __future__ import annotations

from datetime import UTC, datetime
from struct import Struct

from newsletter.feedback.domain.feedback import Reason, RecordedEvent
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.readers.domain.subscriber import ID_LENGTH

LAYOUT = Struct(f">{ID_LENGTH // 2}sIcc")
"""Id, minutes since 1970, reason, provider."""

REASONS: dict[Reason, bytes] = {
    Reason.NONE: b".",
    Reason.GENERAL: b"g",
    Reason.NO_MAILBOX: b"n",
    Reason.KNOWN_TO_BOUNCE: b"k",
    Reason.ON_OUR_LIST: b"l",
    Reason.UNSUBSCRIBED: b"u",
    Reason.MAILBOX_FULL: b"f",
    Reason.TOO_LARGE: b"t",
    Reason.CONTENT_REFUSED: b"c",
    Reason.ATTACHMENT_REFUSED: b"a",
    Reason.TOOK_TOO_LONG: b"d",
    Reason.UNWANTED: b"w",
    Reason.SERVER_TROUBLE: b"s",
    Reason.ADDRESS_BLOCKED: b"x",
    Reason.UNREACHABLE: b"y",
    Reason.HELD_BY_SES: b"z",
    Reason.AUTOMATIC_REPLY: b"r",
    Reason.UNDETERMINED: b"?",
    Reason.ABUSE: b"b",
    Reason.FRAUD: b"p",
    Reason.VIRUS: b"v",
    Reason.AUTHENTICATION: b"i",
    Reason.NOT_SPAM: b"h",
    Reason.SOMEBODY_ELSE: b"e",
    Reason.OTHER: b"o",
}
PROVIDERS: dict[Provider, bytes] = {
    Provider.GOOGLE: b"g",
    Provider.MICROSOFT: b"m",
    Provider.YAHOO: b"y",
    Provider.APPLE: b"a",
    Provider.OTHER: b"o",
}
REASON_OF = {letter: reason for reason, letter in REASONS.items()}
PROVIDER_OF = {letter: provider for provider, letter in PROVIDERS.items()}


def encode(event: RecordedEvent) -> bytes:
    """Return 22 bytes: id 16, minutes since 1970 4, reason 1, provider 1; a moment before 1970 is its first minute."""
    minutes = max(0, int(event.at.timestamp()) // 60)
    subscriber = bytes.fromhex(event.subscriber_id)
    return LAYOUT.pack(subscriber, minutes, REASONS[event.reason], PROVIDERS[event.provider])


def decode(packed: bytes) -> RecordedEvent:
    """Return the event; letters that a later version wrote are `other`."""
    subscriber, minutes, reason, provider = LAYOUT.unpack(packed)
    return RecordedEvent(
        subscriber.hex(),
        datetime.fromtimestamp(minutes * 60, UTC),
        REASON_OF.get(reason, Reason.OTHER),
        PROVIDER_OF.get(provider, Provider.OTHER),
    )
