"""Counting a reply to an issue, once for each reader, and thanking its writer: by its envelope and header alone."""

from __future__ import annotations

import hmac
from datetime import datetime

from newsletter.core.link_token import SigningKeys
from newsletter.core.links import issue_of_reply
from newsletter.errors import InvalidEmailError
from newsletter.feedback.domain.reply import ReplyMark, ReplyResult
from newsletter.feedback.response_ports import ReplyPorts
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.inbound_mail import Hand, InboundMail
from newsletter.readers.domain.subscriber import Status

MARK_BYTES = 8


def count_reply(inbound: InboundMail, *, ports: ReplyPorts, keys: SigningKeys, now: datetime) -> ReplyResult:
    """Count a reply, unless a machine or a stranger wrote it, or its writer's are counted.

    Thanks go to whoever is proved by DMARC to have written it, once for an issue: anybody can write anybody's address
    into a From. The people whom the reply is for have it from the reader, whatever becomes of it here.

    Raises:
        StoreBusyError: Nothing was counted; deliver the mail again.
    """
    if inbound.hand is not Hand.PERSON:
        return ReplyResult.MACHINE
    issue_half = next((half for token in inbound.reply_tokens if (half := issue_of_reply(token, keys))), "")
    if not issue_half:
        return ReplyResult.FORGED
    try:
        writer_id = ports.addresses.subscriber_id(ports.addresses.mailbox(inbound.writer))
    except InvalidEmailError:
        return ReplyResult.STRANGER
    writer = ports.subscribers.get(writer_id)
    if writer is None or writer.status is not Status.CONFIRMED:
        return ReplyResult.STRANGER
    content = f"replied\0{issue_half}\0{writer_id}".encode()
    mark = hmac.digest(keys.current.encode(), content, "sha256")[:MARK_BYTES].hex()
    if not ports.responses.reply(ReplyMark(issue_half, mark, now)):
        return ReplyResult.AGAIN
    if not inbound.aligned:
        return ReplyResult.COUNTED
    ports.greet_queue.greet(Greeting(Occasion.REPLY, writer_id, now))
    return ReplyResult.THANKED
