"""Drafts in the content bucket: `drafts/<slug>.md`, whose versions are its history, and `drafts/<slug>/<file>`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from newsletter.desk.drafts.draft import FOLDER, Draft, DraftVersion, NewVersion
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.upload import FOLDER as UPLOADS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
LOST = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""What S3 answers a conditional write that somebody else came before.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

MOST_VERSIONS = 200
MARKDOWN = "text/markdown; charset=utf-8"


class S3Drafts:
    """Metadata of a version: `saved-by`, `upload-version`, `saves`; percent-encoded, because headers are ASCII."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def newest(self, slug: str) -> Draft | None:
        """Return the draft as it stands; None if there is none."""
        answer = self._get(_key(slug))
        if answer is None:
            return None
        about: Mapping[str, str] = answer["Metadata"]
        return Draft(
            slug,
            answer["Body"].read().decode(),
            version=answer["VersionId"],
            etag=answer["ETag"],
            saved_by=unquote(about.get("saved-by", "")),
            saved_at=answer["LastModified"].astimezone(UTC),
            upload_version=about.get("upload-version", ""),
            saves=tuple(filter(None, about.get("saves", "").split(","))),
        )

    def version_of(self, slug: str, version: str) -> str | None:
        """Return the text of one version; None if it is gone."""
        answer = self._get(_key(slug), VersionId=version)
        return None if answer is None else answer["Body"].read().decode()

    def write(self, draft_version: NewVersion, *, over: Draft | None) -> Draft | None:
        """Write a version over exactly this one; None if another stands there."""
        condition: dict[str, Any] = {"IfMatch": over.etag} if over else {"IfNoneMatch": "*"}
        about = {
            "saved-by": quote(draft_version.saved_by),
            "upload-version": draft_version.upload_version,
            "saves": ",".join(draft_version.saves),
        }
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=_key(draft_version.slug),
                Body=draft_version.text.encode(),
                ContentType=MARKDOWN,
                Metadata={name: value for name, value in about.items() if value},
                **condition,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in LOST:
                return None
            raise
        return Draft(
            draft_version.slug,
            draft_version.text,
            version=answer["VersionId"],
            etag=answer["ETag"],
            saved_by=draft_version.saved_by,
            upload_version=draft_version.upload_version,
            saves=draft_version.saves,
        )

    def history(self, slug: str) -> Sequence[DraftVersion]:
        """Return the versions, newest first."""
        answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=_key(slug), MaxKeys=MOST_VERSIONS)
        return [
            DraftVersion(each["VersionId"], each["LastModified"].astimezone(UTC))
            for each in answer.get("Versions", [])
            if each["Key"] == _key(slug)
        ]

    def slugs(self) -> Sequence[str]:
        """Return which drafts there are."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=FOLDER, Delimiter="/"
        )
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return [key.removeprefix(FOLDER).removesuffix(".md") for key in keys if key.endswith(".md")]

    def remove(self, slug: str) -> None:
        """Put a delete marker on top of the versions."""
        self._client.delete_object(Bucket=self._bucket, Key=_key(slug))

    def put_file(self, slug: str, name: str, file_bytes: bytes) -> None:
        """Keep a picture or another file of a draft."""
        self._client.put_object(Bucket=self._bucket, Key=f"{FOLDER}{slug}/{name}", Body=file_bytes)

    def weight(self, slug: str, name: str) -> int | None:
        """Return how many bytes a file has; None if there is none."""
        found = self._stands(f"{FOLDER}{slug}/{name}") or self._stands(f"{UPLOADS}{slug}/{name}")
        return int(found["ContentLength"]) if found else None

    def file(self, slug: str, name: str) -> bytes | None:
        """Return a file of a draft, or of the issue it began from."""
        for folder in (FOLDER, UPLOADS):
            answer = self._get(f"{folder}{slug}/{name}")
            if answer is not None:
                return bytes(answer["Body"].read())
        return None

    def hand_over(self, slug: str, text: str, *, uploaded_by: str, upload_version: str) -> str | None:
        """Copy its files beside the issue, then write the issue's file over this version of it."""
        stands = self._stands(f"{UPLOADS}{slug}.md")
        if (stands["VersionId"] if stands else "") != upload_version:
            return None
        condition: dict[str, Any] = {"IfMatch": stands["ETag"]} if stands else {"IfNoneMatch": "*"}
        self._copy_files(slug)
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=f"{UPLOADS}{slug}.md",
                Body=text.encode(),
                ContentType=MARKDOWN,
                Metadata={"uploaded-by": quote(uploaded_by, safe="@+")},
                **condition,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in LOST:
                return None
            raise
        return answer["VersionId"]

    def _copy_files(self, slug: str) -> None:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{FOLDER}{slug}/")
        for each in (each for page in pages for each in page.get("Contents", [])):
            target = f"{UPLOADS}{slug}/{each['Key'].removeprefix(f'{FOLDER}{slug}/')}"
            found = self._stands(target)
            if found is None or found["ETag"] != each["ETag"]:
                self._client.copy_object(
                    Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": each["Key"]}
                )

    def _stands(self, key: str) -> Any:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise

    def _get(self, key: str, **version: Any) -> Any:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key, **version)
        except ClientError as exc:
            code = exc.response["Error"]["Code"]
            if code in MISSING or (version and code == "InvalidArgument"):
                return None
            if code in ("SlowDown", "InternalError", "ServiceUnavailable"):
                raise StoreBusyError("the bucket is busy") from exc
            raise


def _key(slug: str) -> str:
    return f"{FOLDER}{slug}.md"
