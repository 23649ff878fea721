"""Uploads of lists, what is made of them, and exports: in the content bucket, under keys that S3 forgets by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.aws.upload_forms import signed_form
from newsletter.core.upload_form import UploadForm
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.ports import StoredList

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MISSING = frozenset({"NoSuchKey", "404"})
REPLACED = frozenset({"PreconditionFailed", "412", *MISSING})
TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})

CHUNK = 1 << 20
"""Bytes in memory at a time."""

PART = 8 << 20
"""Bytes of each part of a long file; S3 takes none below five megabytes, and 10,000 of them."""

DOWNLOAD_SECONDS = 300
"""For which an address works: enough to begin a download, and too little to pass on."""


class S3Lists:
    """Reads and writes the files themselves."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def look(self, key: str) -> StoredList | None:
        """Return what stands under a key, or None."""
        try:
            about = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise
        return StoredList(about["ContentLength"], about["ETag"])

    def chunks(self, key: str, etag: str) -> Iterator[bytes]:
        """Yield a whole file. A chunk is full, but for the last one: a line read from the first one is whole."""
        with closing(self._open(key, etag)) as body:
            while chunk := body.read(CHUNK):
                yield chunk

    def part(self, key: str, etag: str, *, begin: int, end: int) -> bytes:
        """Return some bytes of a file; S3 gives fewer where the file ends."""
        with closing(self._open(key, etag, of_bytes=f"bytes={begin}-{end - 1}")) as body:
            return bytes(body.read())

    def read(self, key: str) -> bytes | None:
        """Return a small file of ours."""
        try:
            with closing(self._client.get_object(Bucket=self._bucket, Key=key)["Body"]) as body:
                return body.read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] in MISSING:
                return None
            raise

    def put(self, key: str, file_parts: Iterable[bytes], *, content_type: str) -> None:
        """Write a file of any length; S3 shows it once it is whole."""
        parts = _of_one_size(file_parts)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=first, ContentType=content_type)
            return
        upload = self._client.create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
        which: Any = {"Bucket": self._bucket, "Key": key, "UploadId": upload["UploadId"]}
        # One that is cut off is no file, and S3 throws its parts away after a week: see the bucket's lifecycle.
        done: list[CompletedPartTypeDef] = []
        for number, body in enumerate(_again(first, second, parts), start=1):
            answer = self._client.upload_part(**which, PartNumber=number, Body=body)
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._client.complete_multipart_upload(**which, MultipartUpload={"Parts": done})

    def put_once(self, key: str, file_body: bytes) -> bytes:
        """Write a file of ours unless one stands there; return what stands there then."""
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=file_body, ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in TAKEN:
                raise
            found = self.read(key)
            if found is None:
                raise
            return found
        return file_body

    def _open(self, key: str, etag: str, of_bytes: str = "bytes=0-") -> Any:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key, IfMatch=etag, Range=of_bytes)["Body"]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in REPLACED:
                raise list_fault(ListFault.REPLACED) from exc
            raise


class S3ListDoors:
    """Signs forms and addresses; the host is Amazon's, so nothing there acts in our name."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload_form(self, key: str, *, most: int, back_to: str) -> UploadForm:
        """Return a form that puts one file under exactly this key; S3 itself refuses a larger one."""
        return signed_form(self._client, self._bucket, key, content_type="text/csv", most=most, back_to=back_to)

    def download(self, key: str, *, file_name: str) -> str:
        """Return the address of a file that a browser saves under this name."""
        plain = "".join(each if each.isascii() and (each.isalnum() or each in "-_. ") else "-" for each in file_name)
        asked = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentType": "text/csv; charset=utf-8",
            "ResponseCacheControl": "no-store",
            "ResponseContentDisposition": f'attachment; filename="{plain}"',
        }
        return self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=DOWNLOAD_SECONDS)


def _of_one_size(parts: Iterable[bytes]) -> Iterator[bytes]:
    gathered = bytearray()
    for part in parts:
        gathered += part
        while len(gathered) >= PART:
            yield bytes(gathered[:PART])
            del gathered[:PART]
    if gathered:
        yield bytes(gathered)


def _again(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest
