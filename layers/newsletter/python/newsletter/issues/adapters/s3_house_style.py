"""The house style as one object of the content bucket: `publish` writes it, every function that renders reads it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.core.house_style import NO_HOUSE_STYLE, HouseStyle

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "effective/house-style.json"

MISSING = frozenset({"NoSuchKey", "404"})

FRESH = 30.0
"""Seconds for which an environment does not ask again: with the time that `publish` takes, less than a minute."""


class S3HouseStyle:
    """Reads and writes the style; keeps it for half a minute, and for longer while S3 does not answer."""

    def __init__(self, client: S3Client, bucket: str, *, read_seconds: Callable[[], float] = monotonic) -> None:
        """Take a client that gives up soon: a reader may be waiting.

        Args:
            client: For S3.
            bucket: Of the content.
            read_seconds: Returns seconds from some moment on.
        """
        self._client = client
        self._bucket = bucket
        self._read_seconds = read_seconds
        self._style = NO_HOUSE_STYLE
        self._etag = ""
        self._asked_at: float | None = None

    def current(self) -> HouseStyle:
        """Return the style of this moment, at most half a minute old; the last one known where S3 does not answer.

        Whoever may not list the bucket is answered "forbidden" where there is no such object. So a refusal says
        nothing, and nothing a reader asked for fails for want of a colour.
        """
        now = self._read_seconds()
        if self._asked_at is None or now - self._asked_at >= FRESH:
            self._asked_at = now
            try:
                self._read()
            except (ClientError, BotoCoreError, ValueError):
                return self._style
        return self._style

    def expire(self) -> None:
        """Ask again at the next look."""
        self._asked_at = None

    def stored(self) -> HouseStyle:
        """Return what stands in the bucket now; errors are raised, because what is written next is made of it."""
        self._etag, self._style = "", NO_HOUSE_STYLE
        try:
            self._read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in MISSING:
                raise
        self._asked_at = self._read_seconds()
        return self._style

    def put(self, style: HouseStyle) -> None:
        """Write the style over the one before; the bucket keeps its versions."""
        body = style.to_json().encode()
        answer = self._client.put_object(Bucket=self._bucket, Key=KEY, Body=body, ContentType="application/json")
        self._style, self._etag, self._asked_at = style, answer["ETag"], self._read_seconds()

    def _read(self) -> None:
        unless: dict[str, Any] = {"IfNoneMatch": self._etag} if self._etag else {}
        answer = self._client.get_object(Bucket=self._bucket, Key=KEY, **unless)
        with closing(answer["Body"]) as body:
            self._style = HouseStyle.from_json(body.read().decode())
        self._etag = answer["ETag"]
