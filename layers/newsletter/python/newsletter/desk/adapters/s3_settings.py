"""The publisher's settings in the content bucket as the desk edits them; the versions of a file are its history."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from newsletter.desk.settings.setting import Setting, SettingVersion
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.settings_file import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404", "405"})
LOST = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""What S3 answers a conditional write that somebody else came before.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

BUSY = frozenset({"SlowDown", "InternalError", "ServiceUnavailable"})
MOST_VERSIONS = 30
UPLOADED_BY = "uploaded-by"
"""Name of the metadata that says who saved a version; percent-encoded, because headers are ASCII."""

AT_ONCE = 8
TYPES = {".yaml": "application/yaml; charset=utf-8", ".md": "text/markdown; charset=utf-8"}


class S3Settings:
    """Reads and writes the files of `settings/`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def newest(self, key: str) -> Setting | None:
        """Return the file as it stands; None if there is none."""
        answer = self._get(key)
        if answer is None:
            return None
        return Setting(
            key,
            answer["Body"].read().decode("utf-8-sig", "replace"),
            version=answer["VersionId"],
            etag=answer["ETag"],
            saved_by=_saved_by(answer["Metadata"]),
            saved_at=answer["LastModified"].astimezone(UTC),
        )

    def names(self) -> frozenset[str]:
        """Return the keys of all files there are."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=SETTINGS)
        return frozenset(each["Key"] for page in pages for each in page.get("Contents", []))

    def version_of(self, key: str, version: str) -> str | None:
        """Return the text of one version; None if it is gone."""
        answer = self._get(key, VersionId=version)
        return None if answer is None else answer["Body"].read().decode("utf-8-sig", "replace")

    def write(self, key: str, text: str, *, over_setting: Setting | None, saved_by: str) -> Setting | None:
        """Write a version over exactly this one; None if another stands there."""
        condition: dict[str, Any] = {"IfMatch": over_setting.etag} if over_setting else {"IfNoneMatch": "*"}
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=text.encode(),
                ContentType=TYPES[PurePath(key).suffix],
                Metadata={UPLOADED_BY: quote(saved_by, safe="@+")},
                **condition,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in LOST:
                return None
            raise
        return Setting(key, text, answer["VersionId"], answer["ETag"], saved_by)

    def remove(self, key: str) -> None:
        """Put a delete marker on top of the versions."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def history(self, key: str) -> Sequence[SettingVersion]:
        """Return the newest versions, newest first, each with who saved it: the bucket is asked about each."""
        answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=key, MaxKeys=MOST_VERSIONS)
        kept = [(each, False) for each in answer.get("Versions", [])]
        gone = [(each, True) for each in answer.get("DeleteMarkers", [])]
        found = [
            SettingVersion(each["VersionId"], each["LastModified"].astimezone(UTC), removed)
            for each, removed in [*kept, *gone]
            if each["Key"] == key
        ]
        found.sort(key=lambda each: each.saved_at, reverse=True)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(lambda each: self._with_name(key, each), found))

    def put_logo(self, name: str, picture_bytes: bytes) -> None:
        """Put a picture beside `brand.yaml`."""
        self._client.put_object(Bucket=self._bucket, Key=f"{SETTINGS}{name}", Body=picture_bytes)

    def _with_name(self, key: str, version: SettingVersion) -> SettingVersion:
        if version.removed:
            return version  # a mark of the bucket's holds no name; the log of the desk does
        answer = self._client.head_object(Bucket=self._bucket, Key=key, VersionId=version.version)
        return replace(version, saved_by=_saved_by(answer["Metadata"]))

    def _get(self, key: str, **version: Any) -> Any:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key, **version)
        except ClientError as exc:
            code = exc.response["Error"]["Code"]
            if code in MISSING or (version and code in ("InvalidArgument", "MethodNotAllowed")):
                return None
            if code in BUSY:
                raise StoreBusyError("the bucket is busy") from exc
            raise


def _saved_by(metadata: dict[str, str]) -> str:
    return unquote(metadata.get(UPLOADED_BY, ""))[:200]
