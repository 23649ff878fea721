"""The events that S3 sends about the content bucket."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

from newsletter.errors import MalformedMessageError
from newsletter.issues.domain.upload import LONGEST_IDENTITY, Upload, padded


def read_uploads(body: str) -> list[Upload]:
    """Return the uploads and removals of an S3 notification; S3's own test event holds none.

    Keys arrive URL-encoded, with "+" for a space.

    Shape: {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key", "versionId", "sequencer"}}}]}.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

    Raises:
        MalformedMessageError: Not a notification of S3.
    """
    try:
        notification = json.loads(body)
        if notification.get("Event") == "s3:TestEvent":
            return []
        return [_upload(record) for record in notification["Records"]]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise MalformedMessageError("the message is neither a notification of S3 nor one of ours") from exc


def _upload(record: dict[str, Any]) -> Upload:
    thing = record["s3"]["object"]
    return Upload(
        key=unquote_plus(thing["key"]),
        sequencer=padded(thing.get("sequencer") or ""),
        removed=record["eventName"].startswith("ObjectRemoved"),
        uploaded_by=_identity(record),
    )


def _identity(record: dict[str, Any]) -> str:
    """Return the session's name of whoever used a role, which is an address where people sign in through one door.

    Of a user with keys of their own, AWS says an id that no person knows: then the file's metadata has to say it.
    Shape: {"userIdentity": {"principalId": "AWS:AROA…:ann@example.org"}}.
    """
    principal = (record.get("userIdentity") or {}).get("principalId") or ""
    kind, _, session = principal.removeprefix("AWS:").partition(":")
    return session[:LONGEST_IDENTITY] if kind.startswith("AROA") else ""
