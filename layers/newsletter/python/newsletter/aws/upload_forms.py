"""Signs the forms by which browsers put files straight into a bucket: at Amazon's host, so nothing acts in our name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.signers import generate_presigned_post

from newsletter.core.upload_form import UploadForm

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SIGNING = Config(signature_version="s3v4", connect_timeout=2, read_timeout=5)
"""For addresses that are signed: left alone, botocore signs them in a way that newer buckets refuse."""

UPLOAD_SECONDS = 3600
"""For which a form works: 200 MB over a slow line."""


def signed_form(
    client: S3Client, bucket: str, key: str, *, content_type: str, most: int, back_to: str = ""
) -> UploadForm:
    """Return a form that puts one file under exactly this key; S3 itself refuses a larger one.

    Args:
        client: With the configuration `SIGNING`.
        bucket: Where to.
        key: Under which.
        content_type: As what it is stored, whatever the browser takes it for.
        most: Bytes that it may have; an empty file is none.
        back_to: The page that the browser is sent to after; empty for none.
    """
    fields = {"Content-Type": content_type} | ({"success_action_redirect": back_to} if back_to else {})
    conditions: list[Any] = [{name: value} for name, value in fields.items()]
    conditions.append(["content-length-range", 1, most])
    made = generate_presigned_post(client, bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=UPLOAD_SECONDS)
    return UploadForm(made["url"], made["fields"])
