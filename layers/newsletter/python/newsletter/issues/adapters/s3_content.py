"""The content bucket: what editors upload, and what we keep beside it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import unquote

from botocore.exceptions import ClientError

from newsletter.errors import MissingRenderingError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.upload import FOLDER, LONGEST_IDENTITY, SourceFile, largest, problems_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404"})

VERSION = "about-version"
"""Name of the metadata that says which version of a file its problems are about."""

RESTORED = "restored-at"
"""Name of the metadata that a restore puts on an editor's file: epoch seconds of the moment it wrote it."""

UPLOADED_BY = "uploaded-by"
"""Name of the metadata in which the command line says as whom AWS knows whoever uploads."""

A_RESTORE = timedelta(minutes=10)
"""A file may take as long to be written. The same mark on a file that is younger came along with a copy of it."""

LONGEST_KEY = 1024
"""Bytes. S3 answers a longer one with an error, not with "there is no such key".

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

CACHED_ISSUES = 4
"""A worker sends one issue, seldom two; the rest of the memory is for the messages."""


class S3Content:
    """Keys: `issues/…`, `settings/…`: the editors'. `rendered/<slug>/<content hash>.json`, `reports/…`: ours."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        # Content-addressed, so what was read once never changes; a batch needs it, not a recipient.
        self.rendered = lru_cache(maxsize=CACHED_ISSUES)(self._rendered)

    def read(self, key: str) -> bytes | None:
        """Return what stands under this key now, or None.

        Never the version an event speaks of: events arrive late and in any order, the bucket is always right.
        """
        found = self.newest(key)
        return found.body if found else None

    def stands(self, key: str) -> bool:
        """Return whether there is anything under this key now."""
        if len(key.encode()) > LONGEST_KEY:
            return False
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def newest(self, key: str) -> SourceFile | None:
        """Return what stands under this key now, and its version.

        Of a file that is too large no more is read than shows it: whoever looks at the bytes refuses them.
        """
        if len(key.encode()) > LONGEST_KEY:
            return None
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise
        with closing(answer["Body"]) as body:
            uploaded_by = _identity(answer["Metadata"])
            return SourceFile(body.read(largest(key) + 1), answer.get("VersionId", ""), uploaded_by)

    def uploader(self, key: str) -> str:
        """Return whom the metadata of what stands under this key names; empty if it names nobody."""
        try:
            return _identity(self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"])
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return ""
            raise

    def files_of(self, slug: str) -> dict[str, str]:
        """Return the keys of an issue's own files and of its folder, each with a mark that changes when the file does.

        S3 lists keys in the order of their bytes, in which the slash of a folder comes right behind the dot of a file.
        """
        stem = f"{FOLDER}{slug}"
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=stem, StartAfter=f"{stem}."
        )
        found = (each for page in pages for each in page.get("Contents", []))
        own = takewhile(lambda each: each["Key"].startswith((f"{stem}.", f"{stem}/")), found)
        return {each["Key"]: f"{each['ETag']} {each['LastModified'].isoformat()}" for each in own}

    def is_restored(self, key: str) -> bool:
        """Return whether what stands under this key was put there by a restore: nobody uploaded it."""
        if len(key.encode()) > LONGEST_KEY:
            return False
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return False
            raise
        mark = answer["Metadata"].get(RESTORED, "")
        if not mark.isdecimal():
            return False
        return abs(answer["LastModified"] - datetime.fromtimestamp(int(mark), UTC)) <= A_RESTORE

    def version(self, key: str, version: str) -> bytes | None:
        """Return one version of what stood under this key."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"].read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise

    def remove(self, key: str) -> None:
        """Put a delete marker on top of the versions."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def add(self, key: str, draft: bytes) -> bool:
        """Write a file unless something stands there; return whether it was written."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=draft, IfNoneMatch="*")
        except ClientError as exc:
            if exc.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise
        return True

    def put_problems(self, key: str, text: str, *, version: str) -> None:
        """Write the list of problems beside the file they are about; its version stands in the metadata."""
        self._put(problems_key(key), text, "text/plain; charset=utf-8", {VERSION: version})

    def problems_of(self, key: str) -> str:
        """Return which version of the file the list of problems is about."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=problems_key(key))["Metadata"].get(VERSION, "")
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return ""
            raise

    def clear_problems(self, key: str) -> None:
        """Remove the list of problems; S3 does not mind if there is none."""
        self._client.delete_object(Bucket=self._bucket, Key=problems_key(key))

    def put_preflight(self, key: str, text: str) -> None:
        """Write the result of the preflight beside the file it is about."""
        self._put(preflight_key(key), text, "application/json")

    def clear_preflight(self, key: str) -> None:
        """Remove the result of the preflight; S3 does not mind if there is none."""
        self._client.delete_object(Bucket=self._bucket, Key=preflight_key(key))

    def put_report(self, name: str, text: str) -> None:
        """Write a report over the one before."""
        self._put(report_key(name), text, "application/json")

    def report(self, name: str) -> str | None:
        """Return the newest report of this name."""
        body = self.read(report_key(name))
        return None if body is None else body.decode()

    def put_rendered(self, rendered: RenderedIssue) -> None:
        """Store a rendered issue under its content's hash."""
        key = rendered_key(rendered.slug, rendered.content_hash)
        self._put(key, rendered.to_json(), "application/json")

    def _rendered(self, slug: str, content_hash: str) -> RenderedIssue:
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=rendered_key(slug, content_hash))["Body"]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                raise MissingRenderingError(missing_rendering(slug)) from exc
            raise
        return RenderedIssue.from_json(body.read().decode())

    def _put(self, key: str, text: str, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=text.encode(), ContentType=content_type, Metadata=metadata or {}
        )


def _identity(metadata: Mapping[str, str]) -> str:
    """Return who uploaded, as the command line and the desk write it: what is not ASCII is escaped."""
    return unquote(metadata.get(UPLOADED_BY, ""))[:LONGEST_IDENTITY]


def preflight_key(key: str) -> str:
    """Return where the result of a file's preflight is written."""
    return f"{key.removesuffix('.md')}.preflight.json"


def report_key(name: str) -> str:
    """Return where the report of a send, or of the list's growth, is kept."""
    return f"reports/{name}.json"


def missing_rendering(slug: str) -> str:
    """Return what to say of an issue whose rendered form is gone."""
    return (
        f"what was made of the issue {slug} is not in the bucket any more; upload its file again, and it is made anew"
    )


def rendered_key(slug: str, content_hash: str) -> str:
    """Return where a rendered issue is kept."""
    return f"rendered/{slug}/{content_hash}.json"
