"""SES's event records, in the shape it publishes them.

Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.simulator.addresses import domain_of
from local.simulator.mailbox import Fate
from local.simulator.message import Message
from local.simulator.mime import decoded_header

# The name in a record's eventType, and the name by which an event destination asks for it.
API_NAMES = {
    "Send": "SEND",
    "Delivery": "DELIVERY",
    "Bounce": "BOUNCE",
    "Complaint": "COMPLAINT",
    "Rendering Failure": "RENDERING_FAILURE",
    "Open": "OPEN",
    "Click": "CLICK",
}
DELIVERY_TIME = timedelta(milliseconds=400)  # how long the recipient's server took
FEEDBACK_TIME = timedelta(milliseconds=900)  # when a complaint or an automatic reply came back
LONGEST_HEADERS = 10_240
SUPPRESSED_DIAGNOSTIC = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account. For "
    "more information about removing addresses from the suppression list, see the Amazon SES Developer Guide at "
    "https://docs.aws.amazon.com/ses/latest/DeveloperGuide/sending-email-suppression-list.html"
)
GLOBAL_DIAGNOSTIC = "Amazon SES has suppressed sending to this address because it has a recent history of bouncing."


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a message. `recipient` is empty for what concerns all of them."""

    message: Message
    kind: str
    after: timedelta
    recipient: str = ""
    fate: Fate = Fate.DELIVERED
    feedback_id: str = ""
    touch: Mapping[str, Any] = field(default_factory=dict)
    """Who opened or clicked what, besides the moment."""

    @property
    def api_name(self) -> str:
        """The name by which event destinations ask for it."""
        return API_NAMES[self.kind]

    @property
    def at(self) -> datetime:
        """When it happened."""
        return datetime.fromtimestamp(self.message.sent_at, UTC) + self.after


def story(message: Message, feedback_id: str) -> Iterator[Event]:
    """Yield everything that happens to a message, in order."""
    now = timedelta()
    if message.failure:
        yield Event(message, "Rendering Failure", now)
        return
    yield Event(message, "Send", now)
    for recipient, fate in zip(message.recipients, message.fates, strict=True):
        if fate in (Fate.DELIVERED, Fate.COMPLAINED, Fate.OUT_OF_OFFICE):
            yield Event(message, "Delivery", DELIVERY_TIME, recipient, fate)
        if fate is Fate.COMPLAINED:
            yield Event(message, "Complaint", FEEDBACK_TIME, recipient, fate, feedback_id)
        elif fate is Fate.OUT_OF_OFFICE:
            yield Event(message, "Bounce", FEEDBACK_TIME, recipient, fate, feedback_id)
        elif fate is not Fate.DELIVERED:
            yield Event(message, "Bounce", DELIVERY_TIME, recipient, fate, feedback_id)


def record(event: Event, *, account_id: str) -> dict[str, Any]:
    """Return the record SES publishes for an event."""
    body: dict[str, Any] = {"eventType": event.kind, "mail": _mail(event, account_id)}
    if event.kind == "Send":
        body["send"] = {}
    elif event.kind == "Delivery":
        body["delivery"] = {
            "timestamp": _moment(event.at),
            "processingTimeMillis": int(DELIVERY_TIME.total_seconds() * 1000),
            "recipients": [event.recipient],
            "smtpResponse": "250 2.6.0 Message received",
            "remoteMtaIp": "192.0.2.10",
            "reportingMTA": f"a1-2.smtp-out.{event.message.region}.amazonses.com",
        }
    elif event.kind == "Bounce":
        body["bounce"] = _bounce(event)
    elif event.kind == "Complaint":
        body["complaint"] = {
            "feedbackId": event.feedback_id,
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": event.recipient}],
            "timestamp": _moment(event.at),
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": _moment(event.at),
        }
    elif event.kind == "Rendering Failure":
        body["failure"] = {"errorMessage": event.message.failure, "templateName": "InlineTemplate"}
    elif event.kind in ("Open", "Click"):
        body[event.kind.lower()] = {"timestamp": _moment(event.at), **event.touch}
    return body


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _bounce(event: Event) -> dict[str, Any]:
    kind, subtype, recipient = {
        Fate.BOUNCED: ("Permanent", "General", ("failed", "5.1.1", "smtp; 550 5.1.1 user unknown")),
        Fate.OUT_OF_OFFICE: ("Transient", "General", None),
        Fate.SUPPRESSED: (
            "Permanent",
            "OnAccountSuppressionList",
            ("failed", "5.1.1", SUPPRESSED_DIAGNOSTIC),
        ),
        Fate.SUPPRESSED_GLOBALLY: ("Permanent", "Suppressed", ("failed", "5.1.1", GLOBAL_DIAGNOSTIC)),
    }[event.fate]
    bounced: dict[str, str] = {"emailAddress": event.recipient}
    if recipient is not None:
        action, status, diagnostic = recipient
        bounced |= {"action": action, "status": status, "diagnosticCode": diagnostic}
    body: dict[str, Any] = {
        "feedbackId": event.feedback_id,
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [bounced],
        "timestamp": _moment(event.at),
    }
    if event.fate is Fate.BOUNCED:
        body["remoteMtaIp"] = "192.0.2.10"
    if recipient is not None:
        body["reportingMTA"] = f"dns; a1-2.smtp-out.{event.message.region}.amazonses.com"
    return body


def _mail(event: Event, account_id: str) -> dict[str, Any]:
    message = event.message
    # SES writes down the header it was given, not the one it sends: no Message-ID or Date of its own.
    stamps = {name for name, _ in message.stamps}
    fields = [] if message.failure else [each for each in message.header_fields() if each[0] not in stamps]
    headers: list[dict[str, str]] = []
    size = 0
    for name, value in fields:
        size += len(name) + len(value)
        if size > LONGEST_HEADERS:
            break
        headers.append({"name": name, "value": value})
    decoded = {name.lower(): decoded_header(value) for name, value in fields}
    common: dict[str, Any] = {
        "from": [decoded.get("from", message.sender)],
        "to": list(message.to),
        "messageId": message.message_id,
        "subject": decoded.get("subject", message.subject),
    }
    if "reply-to" in decoded:
        common["replyTo"] = [decoded["reply-to"]]
    tags = {
        "ses:source-tls-version": ["TLSv1.3"],
        "ses:operation": [message.operation],
        "ses:configuration-set": [message.configuration_set],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [domain_of(message.sender)],
        "ses:caller-identity": [message.caller],
        **{name: [value] for name, value in message.tags},
    }
    if event.kind == "Delivery":
        tags["ses:outgoing-ip"] = ["192.0.2.20"]
    return {
        "timestamp": _moment(datetime.fromtimestamp(message.sent_at, UTC)),
        "source": decoded.get("from", message.sender),
        "sourceArn": message.identity_arn,
        "sendingAccountId": account_id,
        "messageId": message.message_id,
        "destination": list(message.recipients),
        "headersTruncated": len(headers) < len(fields),
        "headers": headers,
        "commonHeaders": common,
        "tags": tags,
    }
