"""Drafts in the content bucket: `drafts/<slug>.md`, whose versions are its history, and `drafts/<slug>/<file>`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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

MOST_VERSIONS = 5_000
"""Of one draft that are listed: some hours of typing, with a save at every pause."""

AT_ONCE = 8
"""Questions to S3 side by side."""

MARKDOWN = "text/markdown; charset=utf-8"


class S3Drafts:
    """Metadata of a version: `saved-by`, `hands`, `upload-version`, `saves`; in percents, because headers are ASCII."""

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
            hands=_hands(about),
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
            "hands": ",".join(quote(each, safe="") for each in draft_version.hands),
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
            hands=draft_version.hands,
        )

    def history(self, slug: str) -> Sequence[DraftVersion]:
        """Return the versions, newest first."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=_key(slug), PaginationConfig={"MaxItems": MOST_VERSIONS}
        )
        return [
            DraftVersion(each["VersionId"], each["LastModified"].astimezone(UTC))
            for page in pages
            for each in page.get("Versions", [])
            if each["Key"] == _key(slug)
        ]

    def hands(self, slug: str, version_names: Sequence[str]) -> Sequence[tuple[str, ...]]:
        """Return who saved in the quarters of an hour of these versions. A list of versions does not say it."""

        def of_one(version: str) -> tuple[str, ...]:
            found = self._stands(_key(slug), VersionId=version)
            return _hands(found["Metadata"]) if found else ()

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(of_one, version_names))

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

    def file_names(self, slug: str) -> Sequence[str]:
        """Return the names of the files of a draft, and of the issue it began from."""
        return sorted({name for folder in (FOLDER, UPLOADS) for name in self._names(f"{folder}{slug}/")})

    def copy_file(self, slug: str, name: str, *, to: str) -> None:
        """Keep a file beside another draft, too; the newer one, where a draft and its issue have one of this name."""
        for key in (f"{FOLDER}{slug}/{name}", f"{UPLOADS}{slug}/{name}"):
            if self._stands(key) is not None:
                self._copy(key, f"{FOLDER}{to}/{name}")
                return

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
        for name, etag in self._names(f"{FOLDER}{slug}/").items():
            found = self._stands(f"{UPLOADS}{slug}/{name}")
            if found is None or found["ETag"] != etag:
                self._copy(f"{FOLDER}{slug}/{name}", f"{UPLOADS}{slug}/{name}")

    def _names(self, folder: str) -> dict[str, str]:
        """Return the files below a folder: what each is called, and its ETag."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
        return {each["Key"].removeprefix(folder): each["ETag"] for page in pages for each in page.get("Contents", [])}

    def _copy(self, key: str, target: str) -> None:
        self._client.copy_object(Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": key})

    def _stands(self, key: str, **version: Any) -> Any:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key, **version)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING or version:
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


def _hands(about: Mapping[str, str]) -> tuple[str, ...]:
    """Return who took part in a version; releases before this one wrote down only who saved it."""
    return tuple(unquote(each) for each in (about.get("hands") or about.get("saved-by", "")).split(",") if each)


def _key(slug: str) -> str:
    return f"{FOLDER}{slug}.md"
