"""Events of SES, as they arrive through SNS and SQS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newsletter.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.domain.subscriber import ID_LENGTH
from newsletter.errors import MalformedMessageError

KINDS = {
    "Send": FeedbackKind.SENT,
    "Delivery": FeedbackKind.DELIVERED,
    "Reject": FeedbackKind.REJECTED,
    "Rendering Failure": FeedbackKind.RENDERING_FAILED,
    "DeliveryDelay": FeedbackKind.DELAYED,
    "Open": FeedbackKind.OPENED,
    "Click": FeedbackKind.CLICKED,
}

SUBSCRIBER_ID = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")
"""Somebody else's mail may use the same configuration set, with tags of its own."""

DETAIL_FIELD = {
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "DeliveryDelay": "deliveryDelay",
    "Open": "open",
    "Click": "click",
}
"""Where an event keeps its own timestamp; Send, Reject and Rendering Failure have only the mail's."""


def read_notification(body: str, *, topic_arn: str) -> list[FeedbackEvent]:
    r"""Return one event per affected recipient of an SES notification in its SNS envelope.

    We address one recipient per message, so the affected recipient is the one in our own tags; an event that says
    nobody is affected is an event about nobody.

    Shape: {"Type": "Notification", "TopicArn": ..., "Message": "{\"eventType\": ..., \"mail\": {...}}"}.
    Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

    Raises:
        MalformedMessageError: Not an SNS notification, not from our topic, or a documented field is missing.
    """
    try:
        envelope = json.loads(body)
        if envelope["TopicArn"] != topic_arn:
            raise MalformedMessageError("the notification is from a topic that is not ours")
        message = envelope["Message"]
        # SES greets a new event destination with a sentence, not an event.
        if message.startswith("Successfully validated SNS topic"):
            return []
        return _events(json.loads(message))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as exc:
        raise MalformedMessageError("the message is not an event of SES in an envelope of SNS") from exc


def _events(event: Mapping[str, Any]) -> list[FeedbackEvent]:
    mail = event["mail"]
    tags = {name: values[0] for name, values in mail.get("tags", {}).items()}
    kind, detail = _kind(event)
    affected = len(_affected(event))
    one = FeedbackEvent(
        kind=kind,
        message_id=mail["messageId"],
        happened_at=_moment(event),
        subscriber_id=who if SUBSCRIBER_ID.fullmatch(who := tags.get("subscriber", "")) else "",
        slug=tags.get("issue", ""),
        batch=tags.get("batch", ""),
        detail=detail,
    )
    return [one] * min(affected, 1)


def _kind(event: Mapping[str, Any]) -> tuple[FeedbackKind, str]:
    match event["eventType"]:
        case "Bounce":
            bounce = event["bounce"]
            hard = bounce["bounceType"] == "Permanent"
            detail = f"{bounce['bounceType']}/{bounce['bounceSubType']}"
            return (FeedbackKind.HARD_BOUNCE if hard else FeedbackKind.SOFT_BOUNCE), detail
        case "Complaint":
            feedback = event["complaint"].get("complaintFeedbackType") or ""
            # A reader who moves the mail out of the spam folder sends a report too.
            return (FeedbackKind.UNKNOWN if feedback == "not-spam" else FeedbackKind.COMPLAINT), feedback
        case kind:
            return KINDS.get(kind, FeedbackKind.UNKNOWN), kind


def _affected(event: Mapping[str, Any]) -> list[Any]:
    match event["eventType"]:
        case "Bounce":
            return list(event["bounce"]["bouncedRecipients"])
        case "Complaint":
            return list(event["complaint"]["complainedRecipients"])
        case _:
            return list(event["mail"]["destination"])


def _moment(event: Mapping[str, Any]) -> datetime:
    detail = event.get(DETAIL_FIELD.get(event["eventType"], ""), {})
    text = detail.get("timestamp") or event["mail"]["timestamp"]
    return datetime.fromisoformat(text).astimezone(UTC)
