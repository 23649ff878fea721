"""Files beside an issue: looked at in the content bucket, copied by S3 itself into the bucket of the site."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import ClientError

from newsletter.issues.domain.linked_file import LinkedFile, ending_of, path_of, spellings
from newsletter.issues.domain.upload import FOLDER
from newsletter.issues.writing.file_kinds import (
    HEAD,
    KINDS,
    FileKind,
    checked_kind,
    kind_of,
    refuse_lie,
    refuse_weight,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404"})

UNSATISFIABLE = "InvalidRange"
"""S3's answer to a question for the first bytes of a file that has none."""

SIGNING = Config(signature_version="s3v4", connect_timeout=2, read_timeout=5)
"""For addresses that are signed: left alone, botocore signs them in a way that newer buckets refuse."""

DOWNLOAD_SECONDS = 300
"""For which a signed address works: enough to begin a download, and too little to pass on."""

SOON = "public, max-age=300"
"""A file keeps its address when it is replaced, as a page does."""


class S3Files:
    """Never holds a file: it reads the first bytes, and S3 copies the rest."""

    def __init__(self, client: S3Client, content_bucket: str, site_bucket: str, *, most_megabytes: int) -> None:
        self._client = client
        self._content = content_bucket
        self._site = site_bucket
        self._most = most_megabytes

    def look(self, slug: str, name: str) -> LinkedFile | None:
        """Return the file of this name as it stands beside the issue now, or None.

        Raises:
            InvalidFileError: It cannot be published.
        """
        kind = checked_kind(name)
        found = self._found(slug, name)
        if found is None:
            return None
        key, about = found
        refuse_weight(about["ContentLength"], self._most)
        version = {"VersionId": about["VersionId"]} if "VersionId" in about else {}
        refuse_lie(self._head(key, version), name, kind)
        return LinkedFile(
            name=key.removeprefix(f"{FOLDER}{slug}/"),
            path=path_of(slug, name),
            version=about.get("VersionId", ""),
            etag=about["ETag"].strip('"'),
            weight=about["ContentLength"],
        )

    def show(self, linked_file: LinkedFile) -> bool:
        """Copy this version to the site unless it is there; return whether it was copied."""
        kind = kind_of(linked_file.name)
        if kind is None:  # of a time whose table was longer
            return False
        headers = _headers(linked_file, kind)
        fingerprint = hashlib.sha256(f"{headers}\n{linked_file}".encode()).hexdigest()
        if self._fingerprint(linked_file.path) == fingerprint:
            return False
        key = f"{FOLDER}{linked_file.path.removeprefix(FOLDER).partition('/')[0]}/{linked_file.name}"
        return self._copy(key, linked_file.version, linked_file.path, fingerprint, headers) or (
            self._copy(key, self._restored_version(key, linked_file.etag), linked_file.path, fingerprint, headers)
        )

    def hide(self, slug: str, *, kept_paths: Collection[str]) -> list[str]:
        """Remove the issue's files from the site but those at these paths; return the paths that were removed."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._site, Prefix=f"{FOLDER}{slug}/")
        found = [each["Key"] for page in pages for each in page.get("Contents", [])]
        gone = [path for path in found if ending_of(path) in KINDS and path not in kept_paths]
        for path in gone:
            self._client.delete_object(Bucket=self._site, Key=path)
        return gone

    def _found(self, slug: str, name: str) -> tuple[str, Any] | None:
        """Return the key of the file and what S3 says about it."""
        for spelling in spellings(name):
            key = f"{FOLDER}{slug}/{spelling}"
            try:
                return key, self._client.head_object(Bucket=self._content, Key=key)
            except ClientError as exc:
                if exc.response["Error"]["Code"] not in MISSING:
                    raise
        return None

    def _copy(self, key: str, version: str | None, path: str, fingerprint: str, headers: Any) -> bool:
        """Have S3 copy one version to the site; return whether there is such a version."""
        if version is None:
            return False
        source = {"Bucket": self._content, "Key": key} | ({"VersionId": version} if version else {})
        try:
            self._client.copy_object(
                Bucket=self._site,
                Key=path,
                CopySource=source,  # type: ignore[arg-type]
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",
                Metadata={"fingerprint": fingerprint},
                **headers,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def _restored_version(self, key: str, etag: str) -> str | None:
        """Return the version that stands there now if it has the same bytes: a restore gives a file another version."""
        try:
            about = self._client.head_object(Bucket=self._content, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise
        return about.get("VersionId", "") if about["ETag"].strip('"') == etag else None

    def _head(self, key: str, version: dict[str, str]) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._content, Key=key, Range=f"bytes=0-{HEAD - 1}", **version)  # type: ignore[arg-type]
        except ClientError as exc:
            if exc.response["Error"]["Code"] == UNSATISFIABLE:
                return b""
            raise
        with closing(answer["Body"]) as body:
            return body.read(HEAD)

    def _fingerprint(self, path: str) -> str | None:
        try:
            return self._client.head_object(Bucket=self._site, Key=path)["Metadata"].get("fingerprint", "")
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise


class S3Downloads:
    """Signs addresses of files in the content bucket; the host is Amazon's, so nothing there acts in our name."""

    def __init__(self, client: S3Client, content_bucket: str) -> None:
        self._client = client
        self._content = content_bucket

    def address(self, linked_file: LinkedFile) -> str:
        """Return an address of exactly this version that works for a few minutes."""
        kind = KINDS[ending_of(linked_file.name)]
        key = f"{FOLDER}{linked_file.path.removeprefix(FOLDER).partition('/')[0]}/{linked_file.name}"
        asked = {"Bucket": self._content, "Key": key, "ResponseContentType": kind.content_type}
        asked |= {"ResponseCacheControl": "no-store"}
        asked |= {"VersionId": linked_file.version} if linked_file.version else {}
        asked |= {} if kind.shown else {"ResponseContentDisposition": disposition(linked_file.path)}
        return self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=DOWNLOAD_SECONDS)


def _headers(linked_file: LinkedFile, file_kind: FileKind) -> Any:
    """Return the headers that readers' browsers get with the file."""
    headers = {"ContentType": file_kind.content_type, "CacheControl": SOON}
    return headers if file_kind.shown else headers | {"ContentDisposition": disposition(linked_file.path)}


def disposition(path: str) -> str:
    """Return the header that makes a browser save a file under its name. Source: RFC 6266, section 4.3."""
    name = path.rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace('"', "'").replace("\\", "-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
