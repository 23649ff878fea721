"""The site bucket: the public archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.domain.site import SiteFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Site:
    """One object per file, with the headers browsers and CloudFront obey."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, file: SiteFile) -> None:
        """Write a file."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=file.path,
            Body=file.body,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
        )

    def remove(self, path: str) -> None:
        """Remove a file; it need not exist."""
        self._client.delete_object(Bucket=self._bucket, Key=path)
