"""The second place of evidence: objects in the content bucket, written before the tables are asked.

Keys: `evidence/<send>/<minute>-<random>.jsonl.gz`, one for each send in a reception, a line for each event. Lines hold
ids, kinds and moments, never an address; opens and clicks are not kept. The bucket deletes them after 30 days.
"""

from __future__ import annotations

import gzip
import json
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.queue import message_json
from newsletter.errors import MalformedMessageError, StoreBusyError
from newsletter.feedback.adapters.feedback_queue import REPLAY
from newsletter.feedback.domain.archived_events import accepted_in, is_archived
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.sending.domain.send import is_send_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "evidence/"

NAME = re.compile(rf"{FOLDER}([^/]+)/\d{{8}}T\d{{4}}-[0-9a-f]{{16}}\.jsonl\.gz")

MINUTE = "%Y%m%dT%H%M"

CLOCKS_APART = timedelta(minutes=10)
"""A report can be dated by a clock that is behind the one that asks for it."""

AT_ONCE = 16
"""Objects that are read at once: a send to a million leaves ten thousand."""

GONE = frozenset({"NoSuchKey", "404"})


ENCODE = json.JSONEncoder(separators=(",", ":")).encode
"""`json.dumps` makes an encoder for each line, unless it writes blanks."""


class S3EvidenceArchive:
    """Keeps what SES reported about sends."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, events: Iterable[FeedbackEvent], *, now: datetime) -> None:
        """Write down what is worth keeping, in one object for each send.

        Raises:
            StoreBusyError: S3 did not take it all.
        """
        by_send: dict[str, list[FeedbackEvent]] = defaultdict(list)
        for event in events:
            if is_archived(event) and is_send_name(event.slug):
                by_send[event.slug].append(event)
        for slug, about in by_send.items():
            lines = "".join(ENCODE(_line(event)) + "\n" for event in about)
            with _busy_bucket():
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=f"{FOLDER}{slug}/{now:{MINUTE}}-{secrets.token_hex(8)}.jsonl.gz",
                    Body=gzip.compress(lines.encode()),
                    ContentType="application/gzip",
                )

    def names(self, slug: str, since: datetime) -> list[str]:
        """Return the objects about a send that were written since then, oldest first."""
        begin = f"{FOLDER}{slug}/{since - CLOCKS_APART:{MINUTE}}"
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{FOLDER}{slug}/", StartAfter=begin
        )
        with _busy_bucket():
            return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def read(self, name: str) -> list[FeedbackEvent]:
        """Return the events of one object; none if it is gone.

        Raises:
            MalformedMessageError: It is not an object of this archive, or cannot be read.
            StoreBusyError: S3 does not answer.
        """
        named = NAME.fullmatch(name)
        if named is None:
            raise MalformedMessageError("the message does not name an object of the archive of evidence")
        with _busy_bucket():
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
            except ClientError as exc:
                if exc.response["Error"]["Code"] in GONE:
                    return []
                raise
        try:
            lines = gzip.decompress(body).decode().splitlines()
            return [_event(named[1], json.loads(line)) for line in lines]
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as exc:
            raise MalformedMessageError(f"the object {name} holds no events") from exc

    def replayed(self, body: str) -> list[FeedbackEvent] | None:
        """Return the archived events that a message of the feedback queue asks for; None if it is a report itself."""
        name = _name_in(body)
        return None if name is None else self.read(name)

    def accepted(self, slug: str, since: datetime) -> frozenset[tuple[str, str]]:
        """Return part and id of everybody whom SES took and did not take back."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return accepted_in(event for events in pool.map(self.read, self.names(slug, since)) for event in events)


def _name_in(body: str) -> str | None:
    if f'"{REPLAY}"' not in body:  # nearly all are reports, which are parsed once, elsewhere
        return None
    try:
        fields = message_json(body)
    except (MalformedMessageError, RecursionError):
        return None
    match fields:
        case {"replay": str(name)}:
            return name
    return None


@contextmanager
def _busy_bucket() -> Iterator[None]:
    """Raises: StoreBusyError: S3 did not do it."""  # noqa: D402 - the whole story is the error
    try:
        yield
    except (BotoCoreError, ClientError) as exc:
        raise StoreBusyError("S3 did not answer for the archive of evidence") from exc


def _line(event: FeedbackEvent) -> Mapping[str, Any]:
    return {
        "kind": str(event.kind),
        "message": event.message_id,
        "at": event.happened_at.isoformat(),
        "mailed": event.mailed_at.isoformat(),
        "subscriber": event.subscriber_id,
        "part": event.part,
        "reason": str(event.reason),
        "provider": str(event.provider),
    }


def _event(slug: str, line: Mapping[str, Any]) -> FeedbackEvent:
    return FeedbackEvent(
        kind=FeedbackKind(line["kind"]),
        message_id=str(line["message"]),
        happened_at=_moment(line["at"]),
        mailed_at=_moment(line["mailed"]),
        subscriber_id=str(line["subscriber"]),
        slug=slug,
        part=str(line["part"]),
        mail="issue",
        reason=Reason(line["reason"]),
        provider=Provider(line["provider"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
