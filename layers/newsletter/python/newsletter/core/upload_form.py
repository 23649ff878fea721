"""A form by which a browser puts one file into a bucket of ours, past every function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Where a browser puts a file, as a form that works once or more often within the hour."""

    address: str
    fields: Mapping[str, str]
    """Hidden fields of the form; the file's own field is `file` and comes last."""

    @property
    def origin(self) -> str:
        """The origin that a page must be allowed to send to."""
        place = urlsplit(self.address)
        return f"{place.scheme}://{place.netloc}"
