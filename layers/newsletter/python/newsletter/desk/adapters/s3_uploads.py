"""Drafts become files of the editors in the content bucket, with the person who handed them in beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from newsletter.desk.adapters.s3_drafts import CHANGED
from newsletter.issues.adapters.s3_content import MISSING, UPLOADED_BY
from newsletter.issues.domain.upload import FOLDER, LONGEST_IDENTITY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PRINTABLE = "".join(chr(code) for code in range(33, 127) if chr(code) != "%")
"""What is written into metadata as it is; the command line writes it so as well."""


class S3Uploads:
    """Writes below `issues/`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def hand_in(self, slug: str, text: str, *, expected_version: str, uploaded_by: str) -> str | None:
        """Write the file of an issue on condition that the version it replaces still stands there."""
        key = f"{FOLDER}{slug}.md"
        condition: Any = {"IfNoneMatch": "*"}
        if expected_version:
            current = self._current(key)
            if current is None or current["VersionId"] != expected_version:
                return None
            condition = {"IfMatch": current["ETag"]}
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=text.encode(),
                ContentType="text/markdown; charset=utf-8",
                Metadata={UPLOADED_BY: quote(uploaded_by[:LONGEST_IDENTITY], safe=PRINTABLE)},
                **condition,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in CHANGED:
                return None
            raise
        return answer.get("VersionId", "")

    def copy_files(self, slug: str, *, to_slug: str) -> None:
        """Copy what lies beside an issue; what lies beside the other already stays."""
        folder = f"{FOLDER}{slug}/"
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
        for key in [each["Key"] for page in pages for each in page.get("Contents", [])]:
            target = f"{FOLDER}{to_slug}/{key.removeprefix(folder)}"
            if not key.endswith("/") and self._current(target) is None:
                source: Any = {"Bucket": self._bucket, "Key": key}
                self._client.copy_object(Bucket=self._bucket, Key=target, CopySource=source)

    def _current(self, key: str) -> Any:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise
