"""Files on their way into a draft that are too large for a function: browsers put them below `arriving/` themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.aws.upload_forms import signed_form
from newsletter.core.upload_form import UploadForm
from newsletter.desk.draft_ports import Arrival
from newsletter.desk.drafts.draft import FOLDER
from newsletter.issues.writing.file_kinds import HEAD

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ARRIVING = "arriving/"
"""Of the content bucket; what nobody takes out of it is deleted after a day."""

ANY_TYPE = "application/octet-stream"
"""What the file is, is found out by its first bytes, and said when it is published."""

SHOWN_SECONDS = 300
"""For which the address of a large picture works: a preview loads it at once."""


class S3Arrivals:
    """Signs the forms, looks at what came, and moves it into the folder of its draft."""

    def __init__(self, client: S3Client, signing_client: S3Client, bucket: str) -> None:
        self._client = client
        self._signing = signing_client
        self._bucket = bucket

    def form(self, slug: str, arrival_id: str, *, most: int, back_to: str) -> UploadForm:
        """Return a form that takes one file here."""
        return signed_form(
            self._signing, self._bucket, _key(slug, arrival_id), content_type=ANY_TYPE, most=most, back_to=back_to
        )

    @property
    def origin(self) -> str:
        """Where the forms lead, for the page whose script sends them."""
        return self.form("any", "any", most=1, back_to="").origin

    def look(self, slug: str, arrival_id: str) -> Arrival | None:
        """Return how large it is and how it begins; None if nothing came, or it was taken already."""
        asked: Any = {"Bucket": self._bucket, "Key": _key(slug, arrival_id)}
        try:
            answer = self._client.get_object(**asked, Range=f"bytes=0-{HEAD - 1}")
        except ClientError as exc:
            if exc.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return Arrival(int(answer["ContentRange"].rpartition("/")[2]), answer["Body"].read())

    def read(self, slug: str, arrival_id: str) -> bytes:
        """Return all of it."""
        return self._client.get_object(Bucket=self._bucket, Key=_key(slug, arrival_id))["Body"].read()

    def keep(self, slug: str, arrival_id: str, name: str) -> None:
        """Copy it beside the draft, under this name."""
        self._client.copy_object(
            Bucket=self._bucket,
            Key=f"{FOLDER}{slug}/{name}",
            CopySource={"Bucket": self._bucket, "Key": _key(slug, arrival_id)},
        )

    def remove(self, slug: str, arrival_id: str) -> None:
        """Forget it."""
        self._client.delete_object(Bucket=self._bucket, Key=_key(slug, arrival_id))

    def address_of(self, slug: str, name: str) -> str:
        """Return an address of a file of the draft that works for minutes."""
        asked = {"Bucket": self._bucket, "Key": f"{FOLDER}{slug}/{name}"}
        return self._signing.generate_presigned_url("get_object", Params=asked, ExpiresIn=SHOWN_SECONDS)


def _key(slug: str, arrival_id: str) -> str:
    return f"{ARRIVING}{slug}/{arrival_id}"
