"""Files of SES's events, as Firehose writes them into the content bucket: gzip, one JSON document for each event.

Keys: `ses-events/<year>/<month>/<day>/<hour>/<stream>-<moment>-<random>`. They hold addresses, so they are removed as
soon as they are recorded; the bucket deletes what is left. A rule of EventBridge queues their names for `feedback`.
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.queue import message_json
from newsletter.errors import MalformedMessageError, StoreBusyError
from newsletter.feedback.domain.event_file import STREAM_UNIT, EventFile
from newsletter.feedback.domain.feedback import FeedbackEvent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "ses-events/"

NAME = re.compile(rf"{FOLDER}[\w./-]{{1,900}}", re.ASCII)

ARRIVED = "arrived"
"""Key of a message that names a file, instead of being a report itself; template.yaml has EventBridge write it."""

LARGEST = 64_000_000
"""Bytes of a file that are read: ten times what our stream collects, and what the function has room for. A longer file
stays where it is, for the rest of it."""

GONE = frozenset({"NoSuchKey", "404"})

ReadsEvent = Callable[[Mapping[str, Any], datetime], list[FeedbackEvent]]
"""Reads one event of SES; raises MalformedMessageError."""


class S3EventFiles:
    """Reads the files that Firehose wrote, and removes those that are recorded."""

    def __init__(self, client: S3Client, bucket: str, read_event: ReadsEvent, *, most_bytes: int = LARGEST) -> None:
        self._client = client
        self._bucket = bucket
        self._read_event = read_event
        self._most_bytes = most_bytes

    def name_in(self, body: str) -> str:
        """Return the file that a message of the feedback queue names; empty if it is a report itself.

        Raises:
            MalformedMessageError: It names something else.
        """
        if f'"{ARRIVED}"' not in body:  # a report is parsed once, elsewhere
            return ""
        try:
            fields = message_json(body)
        except (MalformedMessageError, RecursionError):
            return ""
        match fields:
            case {"arrived": str(name)}:
                if NAME.fullmatch(name) is None:
                    raise MalformedMessageError("the message does not name a file of SES's events")
                return name
        return ""

    def read(self, name: str, *, now: datetime) -> EventFile:
        """Return what a file holds; nothing if it is gone.

        Raises:
            StoreBusyError: S3 does not answer.
        """
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] in GONE:
                return EventFile()
            raise StoreBusyError("S3 did not answer for a file of SES's events") from exc
        except BotoCoreError as exc:
            raise StoreBusyError("S3 did not answer for a file of SES's events") from exc
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as unpacked:
                text = unpacked.read(self._most_bytes).decode(errors="replace")
                is_longer = bool(unpacked.read(1))
        except (OSError, EOFError) as exc:
            return EventFile(problem=f"the file {name} is no gzip: {exc}")
        file = self._parsed(name, text, now)
        return replace(file, problem=f"the file {name} is longer than {self._most_bytes} bytes") if is_longer else file

    def remove(self, name: str) -> None:
        """Remove a file that is recorded.

        Raises:
            StoreBusyError: S3 did not do it; the bucket deletes the file later.
        """
        try:
            self._client.delete_object(Bucket=self._bucket, Key=name)
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("S3 did not remove a file of SES's events") from exc

    def _parsed(self, name: str, text: str, now: datetime) -> EventFile:
        events: list[FeedbackEvent] = []
        problem, units, unreadable = "", 0, 0
        decode, end = json.JSONDecoder().raw_decode, len(text)
        position = _next_document(text, 0)
        while position < end:
            began = position
            try:
                document, position = decode(text, position)
                events += self._read_event(document, now)
            except (MalformedMessageError, ValueError, RecursionError) as exc:
                unreadable += 1
                problem = f"the file {name} holds {unreadable} documents that are no events of SES: {exc}"
                if position == began:  # it is no JSON; the next document begins on another line
                    line_end = text.find("\n", position)
                    position = line_end if line_end >= 0 else end
            units += -(-(position - began) // STREAM_UNIT)
            position = _next_document(text, position)
        return EventFile(tuple(events), problem, units)


def _next_document(text: str, position: int) -> int:
    """Return where the next document begins: SES ends each with a new line, and Firehose adds nothing."""
    end = len(text)
    while position < end and text[position] in " \t\r\n":
        position += 1
    return position
