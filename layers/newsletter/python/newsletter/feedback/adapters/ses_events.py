"""Events of SES, as they arrive through SNS and SQS, or through Firehose.

Shapes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
Examples: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from newsletter.errors import InvalidEmailError, MalformedMessageError
from newsletter.feedback.domain.engagement import ENGAGEMENT
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason
from newsletter.feedback.domain.mailbox_provider import Provider, provider_of
from newsletter.feedback.domain.user_agent import Agent, agent_of
from newsletter.readers.domain.subscriber import ID_LENGTH, Mailbox
from newsletter.readers.ports import Addresses
from newsletter.sending.domain.send import SIMULATOR

KINDS = {
    "Send": FeedbackKind.SENT,
    "Delivery": FeedbackKind.DELIVERED,
    "Reject": FeedbackKind.REJECTED,
    "Rendering Failure": FeedbackKind.RENDERING_FAILED,
    "Open": FeedbackKind.OPENED,
    "Click": FeedbackKind.CLICKED,
}

BOUNCE_REASONS = {
    "General": Reason.GENERAL,
    "NoEmail": Reason.NO_MAILBOX,
    "Suppressed": Reason.KNOWN_TO_BOUNCE,
    "OnAccountSuppressionList": Reason.ON_OUR_LIST,
    "UnsubscribedRecipient": Reason.UNSUBSCRIBED,
    "MailboxFull": Reason.MAILBOX_FULL,
    "MessageTooLarge": Reason.TOO_LARGE,
    "CustomTimeoutExceeded": Reason.TOOK_TOO_LONG,
    "ContentRejected": Reason.CONTENT_REFUSED,
    "AttachmentRejected": Reason.ATTACHMENT_REFUSED,
    "Undetermined": Reason.UNDETERMINED,
}

COMPLAINT_REASONS = {
    "": Reason.GENERAL,
    "abuse": Reason.ABUSE,
    "auth-failure": Reason.AUTHENTICATION,
    "fraud": Reason.FRAUD,
    "not-spam": Reason.NOT_SPAM,
    "other": Reason.OTHER,
    "virus": Reason.VIRUS,
}

DELAY_REASONS = {
    "InternalFailure": Reason.HELD_BY_SES,
    "General": Reason.GENERAL,
    "MailboxFull": Reason.MAILBOX_FULL,
    "SpamDetected": Reason.UNWANTED,
    "RecipientServerError": Reason.SERVER_TROUBLE,
    "IPFailure": Reason.ADDRESS_BLOCKED,
    "TransientCommunicationFailure": Reason.UNREACHABLE,
    "BYOIPHostNameLookupUnavailable": Reason.HELD_BY_SES,
    "Undetermined": Reason.UNDETERMINED,
    "SendingDeferral": Reason.HELD_BY_SES,
}

DETAIL_FIELD = {
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "DeliveryDelay": "deliveryDelay",
    "Open": "open",
    "Click": "click",
    "Subscription": "subscription",
}
"""Where an event keeps its own timestamp; Send, Reject and Rendering Failure have only the mail's."""

AFFECTED_FIELD = {
    "Delivery": "recipients",
    "Bounce": "bouncedRecipients",
    "Complaint": "complainedRecipients",
    "DeliveryDelay": "delayedRecipients",
}
"""Where an event names the recipients it is about; the others are about the message, and so about its only one."""

SUBSCRIBER_ID = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")
"""Somebody else's mail may use the same configuration set, with tags of its own."""

LARGEST_BODY = 1_048_576
"""Bytes of a message in SQS; a longer one did not come from there, and is not even parsed.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

LONGEST_NAME = 64
"""Letters of the name of a type we do not know that are kept."""

LONGEST_SHAPE = 2_000
"""Letters of the shape of an event we do not know that are kept."""


UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)
"""What reading something raises that is built otherwise than SES builds its events."""


def read_notification(body: str, *, topic_arn: str, addresses: Addresses, now: datetime) -> list[FeedbackEvent]:
    r"""Return what an SES notification in its SNS envelope says about the subscriber it is about.

    We address one recipient per message and name them in a tag. An event about that recipient is found by their
    address, in any spelling that leads to the same id: a provider may report several, or another one. An event that
    says nobody is affected is an event about nobody.

    Shape: {"Type": "Notification", "TopicArn": ..., "Message": "{\"eventType\": ..., \"mail\": {...}}"}.

    Args:
        body: Of the message in the queue.
        topic_arn: Our own topic.
        addresses: Tells which subscriber an address is.
        now: An event from the future is taken for one of this moment.

    Raises:
        MalformedMessageError: Not an SNS notification, not from our topic, or a documented field is missing.
    """
    if len(body) > LARGEST_BODY:
        raise MalformedMessageError(f"the message is longer than {LARGEST_BODY} bytes; SQS carries no such message")
    try:
        envelope = json.loads(body)
        if envelope["TopicArn"] != topic_arn:
            raise MalformedMessageError("the notification is from a topic that is not ours")
        message = envelope["Message"]
        # SES greets a new event destination with a sentence, not an event.
        if message.startswith("Successfully validated SNS topic"):
            return []
        return _events(json.loads(message), addresses, now)
    except UNREADABLE as exc:
        raise MalformedMessageError("the message is not an event of SES in an envelope of SNS") from exc


def read_event(event: Mapping[str, Any], now: datetime, *, addresses: Addresses) -> list[FeedbackEvent]:
    """Return what an event says, as `read_notification` does, without an envelope.

    Raises:
        MalformedMessageError: It is no event of SES, or a documented field is missing.
    """
    try:
        return _events(event, addresses, now)
    except UNREADABLE as exc:
        raise MalformedMessageError(f"no event of SES ({type(exc).__name__})") from exc


def _events(event: Mapping[str, Any], addresses: Addresses, now: datetime) -> list[FeedbackEvent]:
    mail = event["mail"]
    tags = {name: values[0] for name, values in mail.get("tags", {}).items()}
    tagged = tags.get("subscriber", "")
    subscriber = tagged if SUBSCRIBER_ID.fullmatch(tagged) else ""
    moved_to = tags["reader"] if subscriber and SUBSCRIBER_ID.fullmatch(tags.get("reader", "")) else ""
    affected = _affected(event)
    if affected == []:
        return []
    kind, reason = _kind(event)
    ours = next((each for each in affected or () if _is(each, moved_to or subscriber, addresses)), "")
    if affected is not None and subscriber and not ours:
        kind, reason = FeedbackKind.UNKNOWN, Reason.SOMEBODY_ELSE
    mailed_at, happened_at = _moment(mail["timestamp"]), _moment(_timestamp(event))
    unfamiliar = kind is FeedbackKind.UNKNOWN and reason is Reason.OTHER
    return [
        FeedbackEvent(
            kind=kind,
            message_id=mail["messageId"],
            happened_at=min(happened_at, now),
            mailed_at=min(mailed_at, now),
            seconds=int((happened_at - mailed_at).total_seconds()),
            subscriber_id=subscriber,
            moved_to=moved_to,
            slug=tags.get("issue", ""),
            part=tags.get("batch", ""),
            mail=tags.get("kind", ""),
            probe=tags["probe"] if SUBSCRIBER_ID.fullmatch(tags.get("probe", "")) else "",
            lane=tags.get("lane", ""),
            network=tags["network"] if SUBSCRIBER_ID.fullmatch(tags.get("network", "")) else "",
            cause=tags["cause"] if SUBSCRIBER_ID.fullmatch(tags.get("cause", "")) else "",
            reason=reason,
            provider=provider_of(ours.rpartition("@")[2]) if ours else Provider.OTHER,
            agent=_agent(event, kind),
            link=str(event["click"]["link"]) if kind is FeedbackKind.CLICKED else "",
            unfamiliar=event["eventType"][:LONGEST_NAME] if unfamiliar else "",
            shape=_shape(event) if unfamiliar else "",
        )
    ]


def _kind(event: Mapping[str, Any]) -> tuple[FeedbackKind, Reason]:
    match event["eventType"]:
        case "Bounce":
            return _bounce(event["bounce"])
        case "Complaint":
            return _complaint(event["complaint"])
        case "DeliveryDelay":
            return FeedbackKind.DELAYED, DELAY_REASONS.get(event["deliveryDelay"]["delayType"], Reason.OTHER)
        case "Subscription":
            everything = event["subscription"]["newTopicPreferences"].get("unsubscribeAll") is True
            return FeedbackKind.UNKNOWN, Reason.UNSUBSCRIBED if everything else Reason.OTHER
        case kind:
            known = KINDS.get(kind)
            return (known, Reason.NONE) if known else (FeedbackKind.UNKNOWN, Reason.OTHER)


def _bounce(bounce: Mapping[str, Any]) -> tuple[FeedbackKind, Reason]:
    reason = BOUNCE_REASONS.get(bounce["bounceSubType"], Reason.OTHER)
    if reason is Reason.UNSUBSCRIBED:
        return FeedbackKind.UNKNOWN, reason
    if bounce["bounceType"] == "Permanent":
        return FeedbackKind.HARD_BOUNCE, reason
    # A mail server that refuses says so with a status; an out-of-office reply only answers.
    if reason is Reason.GENERAL and not any("status" in each for each in bounce["bouncedRecipients"]):
        reason = Reason.AUTOMATIC_REPLY
    return FeedbackKind.SOFT_BOUNCE, reason


def _complaint(complaint: Mapping[str, Any]) -> tuple[FeedbackKind, Reason]:
    if complaint.get("complaintSubType") == "OnAccountSuppressionList":
        return FeedbackKind.COMPLAINT, Reason.ON_OUR_LIST
    reason = COMPLAINT_REASONS.get(complaint.get("complaintFeedbackType") or "", Reason.OTHER)
    return (FeedbackKind.UNKNOWN if reason is Reason.NOT_SPAM else FeedbackKind.COMPLAINT), reason


def _affected(event: Mapping[str, Any]) -> list[str] | None:
    """Return the addresses an event is about, or None if it is about the message as a whole."""
    kind = event["eventType"]
    if kind not in AFFECTED_FIELD:
        return None
    named = event[DETAIL_FIELD[kind]][AFFECTED_FIELD[kind]]
    return [each if isinstance(each, str) else each["emailAddress"] for each in named]


def _is(address: str, subscriber: str, addresses: Addresses) -> bool:
    # What hashes to the id is the address, whatever else it may look like; most are spelled as we wrote them.
    if address.isascii() and addresses.subscriber_id(Mailbox(address, address.lower())) == subscriber:
        return True
    try:
        mailbox = addresses.mailbox(parseaddr(address)[1])
    except InvalidEmailError:
        return False
    in_rehearsal = mailbox.identity == f"success+{subscriber}@{SIMULATOR}"
    return in_rehearsal or addresses.subscriber_id(mailbox) == subscriber


def _agent(event: Mapping[str, Any], kind: FeedbackKind) -> Agent:
    if kind not in ENGAGEMENT:
        return Agent.READER
    return agent_of(event[DETAIL_FIELD[event["eventType"]]].get("userAgent") or "")


def _timestamp(event: Mapping[str, Any]) -> str:
    detail = event.get(DETAIL_FIELD.get(event["eventType"], ""), {})
    return str(detail.get("timestamp") or event["mail"]["timestamp"])


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shape(event: Mapping[str, Any]) -> str:
    """Return the names of the fields of an event, without `mail`, which is the same for every type."""
    own = {name: _names(value) for name, value in event.items() if name != "mail"}
    return json.dumps(own, sort_keys=True)[:LONGEST_SHAPE]


def _names(value: Any) -> Any:
    match value:
        case dict():
            return {name: _names(each) for name, each in value.items() if "@" not in name}
        case list():
            return [_names(each) for each in value[:1]]
    return type(value).__name__
