"""Mail that SES received for us, as its notices arrive through SNS and SQS. They hold header and verdicts, no body.

Shape: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from email.utils import getaddresses
from typing import Any

from newsletter.core.links import LEAVE_TAG, REPLY_TAG
from newsletter.errors import MalformedMessageError
from newsletter.readers.domain.inbound_mail import InboundMail, hand_of

REPLIES = REPLY_TAG.rstrip("+")


def read_inbound(body: str, *, topic_arn: str) -> InboundMail:
    """Return the mail that a queue's message tells of.

    Raises:
        MalformedMessageError: Not from our topic, or no notice of a received mail.
    """
    try:
        envelope = json.loads(body)
        if envelope["TopicArn"] != topic_arn:
            raise MalformedMessageError("the notice is not from our topic")
        notice = json.loads(envelope["Message"])
        if notice["notificationType"] != "Received":
            raise MalformedMessageError("the notice tells of no received mail")
        return _mail(notice["receipt"], notice["mail"])
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise MalformedMessageError("the message is no notice of SES") from exc


def _mail(receipt: Mapping[str, Any], mail: Mapping[str, Any]) -> InboundMail:
    fields = [(str(each["name"]).lower(), str(each["value"])) for each in mail["headers"]]
    header = dict(reversed(fields))  # of a field that comes twice, the first
    writer = _writer(fields)
    return InboundMail(
        tokens=_tokens(LEAVE_TAG, receipt["recipients"]),
        reply_tokens=_tokens(REPLY_TAG, receipt["recipients"]),
        # A mailbox that we do not know is taken for the one to leave by, as by releases that had no other.
        for_leaving=not receipt["recipients"] or any(_mailbox(each) != REPLIES for each in receipt["recipients"]),
        writer=writer,
        # DMARC judges the domain of From, so it says nothing where we do not know which one that was.
        aligned=bool(writer) and receipt.get("dmarcVerdict", {}).get("status") == "PASS",
        hand=hand_of(header, str(mail.get("source", ""))),
    )


def _tokens(before: str, recipients: Sequence[str]) -> tuple[str, ...]:
    locals_ = (str(each).rpartition("@")[0] for each in recipients)
    return tuple(local[len(before) :] for local in locals_ if local.lower().startswith(before))


def _mailbox(recipient: Any) -> str:
    return str(recipient).rpartition("@")[0].partition("+")[0].lower()


def _writer(fields: Sequence[tuple[str, str]]) -> str:
    if Counter(name for name, _ in fields)["from"] != 1:
        return ""
    addresses = {address for _, address in getaddresses([dict(fields)["from"]])}
    return addresses.pop() if len(addresses) == 1 else ""
