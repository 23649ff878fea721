"""The site bucket: the public archive."""

from __future__ import annotations

import hashlib
from threading import Lock
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
        if self._fingerprint(file.path) == _fingerprint(file):
            return False
        self.write(file)
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

    def by_listing(self) -> ListedSite:
        """Return the same site, which asks once what stands in a folder, and goes by that from then on."""
        return ListedSite(self)

    def write(self, file: SiteFile) -> None:
        """Write a file, whatever stands there."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=file.path,
            Body=file.body,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
            Metadata={"fingerprint": _fingerprint(file)},
        )

    def etags(self, folder: str) -> dict[str, str]:
        """Return the ETag of each file below a folder, by path; without one, of those that lie in none."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=folder, Delimiter="" if folder else "/"
        )
        return {each["Key"]: each["ETag"].strip('"') for page in pages for each in page.get("Contents", [])}

    def _fingerprint(self, path: str) -> str | None:
        """Return the fingerprint of what stands there; nothing known of it is an empty one."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=path)["Metadata"].get("fingerprint", "")
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise


class ListedSite:
    """The same site for one visit: what stands in a folder is asked once, whatever is written there.

    In the buckets of the template an ETag is the MD5 of the bytes. Where it is not (encryption with a key of KMS, an
    upload in parts), no file looks like what stands there, and each is looked at as `S3Site` does.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """

    def __init__(self, site: S3Site) -> None:
        self._site = site
        self._folders: dict[str, dict[str, str]] = {}
        self._listing = Lock()  # files are written side by side

    def read(self, path: str) -> bytes | None:
        """Return what stands there now, or None."""
        return self._site.read(path)

    def put(self, file: SiteFile) -> bool:
        """Write a file unless the same bytes stand there already; return whether it was written."""
        there, etag = self._there(file.path), hashlib.md5(file.body, usedforsecurity=False).hexdigest()
        if there.get(file.path) == etag:
            return False
        if file.path in there:
            written = self._site.put(file)
        else:
            self._site.write(file)
            written = True
        there[file.path] = etag
        return written

    def remove(self, path: str) -> bool:
        """Remove a file; return whether there was one."""
        return self._there(path).pop(path, None) is not None and self._site.remove(path)

    def by_listing(self) -> ListedSite:
        """Return the same site, which has not asked for anything yet."""
        return ListedSite(self._site)

    def _there(self, path: str) -> dict[str, str]:
        folder = _folder(path)
        with self._listing:
            if folder not in self._folders:
                self._folders[folder] = self._site.etags(folder)
            return self._folders[folder]


def _folder(path: str) -> str:
    """Return the folder that is listed to find a file: that of its issue, or the one at the top; empty for none."""
    parts = path.split("/")
    if len(parts) == 1:
        return ""
    return f"{parts[0]}/{parts[1]}/" if parts[0] == "issues" else f"{parts[0]}/"


def _fingerprint(file: SiteFile) -> str:
    headers = f"{file.content_type}\n{file.cache_control}\n".encode()
    return hashlib.sha256(headers + file.body).hexdigest()
