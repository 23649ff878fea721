"""Drafts in the content bucket: `drafts/<slug>.md`, where nothing listens; the bucket keeps all versions."""

from __future__ import annotations

from contextlib import closing
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from newsletter.desk.drafts.draft import Draft, DraftNote, DraftVersion
from newsletter.issues.adapters.s3_content import MISSING
from newsletter.issues.domain.issue import is_slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

FOLDER = "drafts/"

CHANGED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""What S3 answers to a conditional write that comes too late; the last where the draft was removed.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

NO_VERSION = frozenset({"InvalidArgument", "NoSuchVersion"})
"""What S3 answers to an id that names no version."""

SAVED_BY, UPLOAD_VERSION, SAVES, WORDS = "saved-by", "upload-version", "saves", "words"
"""Names of the metadata of a draft."""


class S3Drafts:
    """Keeps drafts; a write is conditional on the ETag of what was read."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def newest(self, slug: str) -> Draft | None:
        """Return what stands there now."""
        return self._read(slug) if is_slug(slug) else None

    def version(self, slug: str, version: str) -> Draft | None:
        """Return one version."""
        return self._read(slug, VersionId=version) if is_slug(slug) and version else None

    def put(self, slug: str, text: str, draft_note: DraftNote, *, instead_of: Draft | None) -> Draft | None:
        """Write a version on condition that the one it replaces still stands there."""
        condition: Any = {"IfNoneMatch": "*"} if instead_of is None else {"IfMatch": instead_of.etag}
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key_of(slug),
                Body=text.encode(),
                ContentType="text/markdown; charset=utf-8",
                Metadata=_metadata(draft_note),
                **condition,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] in CHANGED:
                return None
            raise
        return Draft(slug, text, answer.get("VersionId", ""), answer["ETag"], draft_note)

    def versions(self, slug: str, limit: int) -> list[DraftVersion]:
        """Return the newest versions; each is asked who saved it, which a listing does not say."""
        key = key_of(slug)
        answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=key, MaxKeys=limit + 1)
        listed = [each for each in answer.get("Versions", []) if each["Key"] == key]
        older = [each["ETag"] for each in listed[1:]]
        # What only says which upload the draft is now has the text of the version below it.
        distinct = [each for each, below in zip_longest(listed, older) if each["ETag"] != below][:limit]
        versions = []
        for each in distinct:
            head = self._client.head_object(Bucket=self._bucket, Key=key, VersionId=each["VersionId"])
            note = _note(head["Metadata"])
            versions.append(DraftVersion(each["VersionId"], each["LastModified"], note.saved_by, note.words))
        return versions

    def slugs(self) -> list[str]:
        """Return the issues that have a draft."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=FOLDER)
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return sorted(filter(is_slug, (key.removeprefix(FOLDER).removesuffix(".md") for key in keys)))

    def remove(self, slug: str) -> None:
        """Put a delete marker on top of the versions."""
        self._client.delete_object(Bucket=self._bucket, Key=key_of(slug))

    def _read(self, slug: str, **version: Any) -> Draft | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key_of(slug), **version)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING | NO_VERSION:
                return None
            raise
        with closing(answer["Body"]) as body:
            text = body.read().decode("utf-8", "replace")
        return Draft(slug, text, answer.get("VersionId", ""), answer["ETag"], _note(answer["Metadata"]))


def key_of(slug: str) -> str:
    """Return where a draft is kept."""
    return f"{FOLDER}{slug}.md"


def _metadata(note: DraftNote) -> dict[str, str]:
    """Return what stands beside the text: S3 keeps ASCII there, and no more than 2 KB."""
    return {
        SAVED_BY: quote(note.saved_by[:200], safe="@.+"),
        UPLOAD_VERSION: note.upload_version,
        SAVES: " ".join(quote(each) for each in note.saves),
        WORDS: str(note.words),
    }


def _note(metadata: Mapping[str, str]) -> DraftNote:
    """Return what stands beside a text; a draft that somebody copied into the folder says nothing."""
    words = metadata.get(WORDS, "")
    return DraftNote(
        unquote(metadata.get(SAVED_BY, "")),
        metadata.get(UPLOAD_VERSION, ""),
        tuple(unquote(each) for each in metadata.get(SAVES, "").split()),
        int(words) if words.isdecimal() else 0,
    )
