"""SQS queues that carry our own messages as JSON. Ids only, never an address; any message may arrive twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.errors import MalformedMessageError, StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef, SendMessageBatchRequestEntryTypeDef

WAITS_SINCE = "waits_since"
"""The attribute of a message that was put back."""

CALL = 10
"""SQS takes ten messages in one call."""

TRIES = 3
"""SQS may refuse single messages of a call: these are sent again at once, so that one of them does not bring back the
whole work that wrote them, after the time that a message stays invisible."""


class SqsQueue:
    """One queue that we write to."""

    def __init__(self, find_client: Callable[[], SQSClient], url: str) -> None:
        """Take a queue.

        Args:
            find_client: Returns the client; not asked before something is written, because
                a page that shows a reader what they could change writes nothing.
            url: Of the queue.
        """
        self._find_client = find_client
        self._url = url

    def put(self, messages: Sequence[Mapping[str, str | int | bool | None]], *, delay: int = 0) -> None:
        """Queue messages, ten in a call. Units: `delay` in seconds, at most 900 (SQS).

        Raises:
            StoreBusyError: SQS did not take every message, however often it was asked.
        """
        for start in range(0, len(messages), CALL):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "MessageBody": json.dumps(message), "DelaySeconds": delay}
                for number, message in enumerate(messages[start : start + CALL])
            ]
            for _ in range(TRIES):
                answer = self._find_client().send_message_batch(QueueUrl=self._url, Entries=entries)
                failed = {failure["Id"] for failure in answer.get("Failed", [])}
                entries = [entry for entry in entries if entry["Id"] in failed]
                if not entries:
                    break
            else:
                raise StoreBusyError("SQS did not take every message; the same messages can be sent again")

    def put_back(self, body: str, *, waits_since: datetime, delay: int) -> None:
        """Queue a message anew, with since when it waits. Units: `delay` in seconds, at most 900 (SQS).

        To SQS it is another message, so no delivery of it was counted yet.
        """
        since: MessageAttributeValueTypeDef = {"DataType": "String", "StringValue": waits_since.isoformat()}
        self._find_client().send_message(
            QueueUrl=self._url, MessageBody=body, DelaySeconds=delay, MessageAttributes={WAITS_SINCE: since}
        )


def message_fields(body: str, *names: str, optional: Collection[str] = ()) -> dict[str, str]:
    """Return these fields of a message, each a text; the optional ones may be missing.

    What a newer release says beside them is left out: its messages still lie in the queue after a rollback.

    Raises:
        MalformedMessageError: It is not such a message.
    """
    fields = message_json(body)
    if not isinstance(fields, dict) or not set(names) <= set(fields):
        raise MalformedMessageError(f"the message is not one of ours: it should hold {', '.join(names)}")
    known = {name: fields[name] for name in (*names, *optional) if name in fields}
    if not all(isinstance(value, str) for value in known.values()):
        raise MalformedMessageError("the message is not one of ours: its values should be texts")
    return known


def message_json(body: str) -> Any:
    """Return what a message says.

    Raises:
        MalformedMessageError: It is not JSON.
    """
    try:
        return json.loads(body)
    except ValueError as exc:
        raise MalformedMessageError("the message is not JSON") from exc
