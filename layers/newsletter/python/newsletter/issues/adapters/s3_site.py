"""The site bucket: the public archive."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from newsletter.core.site_file import SiteFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"NoSuchKey", "404"})


class S3Site:
    """One object per file, with the headers browsers and CloudFront obey, and the hash of all that in its metadata."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, path: str) -> bytes | None:
        """Return what stands there now, or None."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=path)["Body"].read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise

    def put(self, file: SiteFile) -> bool:
        """Write a file unless it stands there already; return whether it was written."""
        fingerprint = _fingerprint(file)
        if self._fingerprint(file.path) == fingerprint:
            return False
        self._client.put_object(
            Bucket=self._bucket,
            Key=file.path,
            Body=file.body,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
            Metadata={"fingerprint": fingerprint},
        )
        return True

    def add(self, file: SiteFile) -> None:
        """Write a file whose name holds its hash, unless it is there; needs no permission but to write."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=file.path,
                Body=file.body,
                ContentType=file.content_type,
                CacheControl=file.cache_control,
                Metadata={"fingerprint": _fingerprint(file)},
                IfNoneMatch="*",
            )
        except ClientError as exc:
            # 409 is two writers at once: whoever comes first, the bytes are the same.
            if exc.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise

    def remove(self, path: str) -> bool:
        """Remove a file; return whether there was one."""
        if self._fingerprint(path) is None:
            return False
        self._client.delete_object(Bucket=self._bucket, Key=path)
        return True

    def _fingerprint(self, path: str) -> str | None:
        """Return the fingerprint of what stands there; nothing known of it is an empty one."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=path)["Metadata"].get("fingerprint", "")
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise


def _fingerprint(file: SiteFile) -> str:
    headers = f"{file.content_type}\n{file.cache_control}\n".encode()
    return hashlib.sha256(headers + file.body).hexdigest()
