"""Mail that SES receives for us: `POST /_simulator/inbound` takes a raw message and tells a topic, as SES does.

The envelope comes out of the header: recipients are the addresses in To, Cc and Delivered-To whose mailbox is `leave`
or `replies` (with anything behind a plus), the sender is Return-Path, else From. What SES would find out about the
sender is read from `Authentication-Results`, as SES writes it itself: `dmarc=pass` or `dmarc=fail`; without it the
verdict is GRAY.

Source: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
"""

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import boto3
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.publishing import Publisher

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

LARGEST = 40 * 1024 * 1024
"""SES receives mails of this size: https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""

LONGEST_HEADER = 10 * 1024
"""A notice holds no more of the header, and says that it was cut."""

MAILBOXES = ("leave", "replies")


class InboundTopics(Protocol):
    """Knows which topics the rules name."""

    def topics(self) -> list[str]:
        """Return their ARNs."""


class NoTopics:
    """Knows none."""

    def topics(self) -> list[str]:
        """Return nothing."""
        return []


class SnsInboundTopics:
    """Looks for the topics that the deployed template made for received mail; the emulator knows no receipt rules."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint = endpoint
        self._region = region

    @cached_property
    def _client(self) -> "SNSClient":
        return boto3.client(
            "sns",
            endpoint_url=self._endpoint,
            region_name=self._region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - MiniStack's root, not a secret
        )

    def topics(self) -> list[str]:
        """Return their ARNs."""
        pages = self._client.get_paginator("list_topics").paginate()
        return [each["TopicArn"] for page in pages for each in page["Topics"] if "InboundTopic" in each["TopicArn"]]


def inbound_routes(
    *, topics: InboundTopics, publisher: Publisher, clock: Callable[[], datetime], region: str
) -> list[Route]:
    """Return the route that takes a raw message."""

    async def receive(request: Request) -> Response:
        raw = await request.body()
        if len(raw) > LARGEST:
            return JSONResponse({"message": "552 5.3.4 Message too long"}, status_code=413)
        header = BytesHeaderParser().parsebytes(raw)
        recipients = _recipients(header)
        message_id = uuid4().hex
        for topic in await asyncio.to_thread(topics.topics) if recipients else []:
            notice = json.dumps(_notice(header, recipients, message_id, topic, clock()))
            await asyncio.to_thread(publisher.publish, topic.split(":")[3] or region, topic, [notice])
        return JSONResponse({"message_id": message_id, "recipients": recipients}, status_code=202)

    return [Route("/_simulator/inbound", receive, methods=["POST"])]


def _recipients(header: Message) -> list[str]:
    named = [str(value) for name in ("To", "Cc", "Delivered-To") for value in header.get_all(name, [])]
    addresses = dict.fromkeys(address for _, address in getaddresses(named))
    return [each for each in addresses if each.partition("@")[0].partition("+")[0].lower() in MAILBOXES]


def _notice(header: Message, recipients: list[str], message_id: str, topic: str, now: datetime) -> dict[str, Any]:
    fields, size = [], 0
    for name, value in header.items():
        size += len(name) + len(str(value))
        if size <= LONGEST_HEADER:
            fields.append({"name": name, "value": re.sub(r"\r?\n[ \t]", " ", str(value))})
    moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "notificationType": "Received",
        "receipt": {
            "timestamp": moment,
            "processingTimeMillis": 1,
            "recipients": recipients,
            "spamVerdict": {"status": "PASS"},
            "virusVerdict": {"status": "PASS"},
            "spfVerdict": {"status": _verdict(header, "spf")},
            "dkimVerdict": {"status": _verdict(header, "dkim")},
            "dmarcVerdict": {"status": _verdict(header, "dmarc")},
            "action": {"type": "Stop", "topicArn": topic},
        },
        "mail": {
            "timestamp": moment,
            "source": _sender(header),
            "messageId": message_id,
            "destination": recipients,
            "headersTruncated": size > LONGEST_HEADER,
            "headers": fields,
            "commonHeaders": {"from": header.get_all("From", []), "subject": header.get("Subject", "")},
        },
    }


def _verdict(header: Message, method: str) -> str:
    said = re.search(rf"\b{method}=(\w+)", str(header.get("Authentication-Results", "")))
    return {"pass": "PASS", "fail": "FAIL"}.get(said[1].lower(), "GRAY") if said else "GRAY"


def _sender(header: Message) -> str:
    path = header.get("Return-Path")
    return parseaddr(str(header.get("From", "")))[1] if path is None else str(path).strip().strip("<>")
