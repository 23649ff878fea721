"""A file beside an issue that its text links to: a report, a table, a recording, readers can download."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """One version of a file beside an issue, as it is published with it."""

    name: str
    """As it stands below `issues/<slug>/` of the content bucket."""
    path: str
    """Below the site's root: `issues/<slug>/<name>`, the name in Unicode's composed form."""
    version: str
    """Of the object in the content bucket. This one is published and no other, whatever is uploaded later."""
    etag: str
    """S3's fingerprint of the bytes, without quotation marks."""
    weight: int
    """Bytes."""

    @property
    def kind(self) -> str:
        """What people call its type: PDF, DOCX."""
        return ending_of(self.name).upper()

    @property
    def reads_as(self) -> tuple[str, str, int]:
        """What is the same for two uploads of the same bytes."""
        return self.path, self.etag, self.weight

    def address(self, public_url: str) -> str:
        """Return where readers find it: every character that means something in an address is escaped."""
        return f"{public_url}/{quote(self.path)}"


def path_of(slug: str, name: str) -> str:
    """Return where a file is published, however its name was typed."""
    return f"issues/{slug}/{unicodedata.normalize('NFC', name)}"


def spellings(name: str) -> list[str]:
    """Return the ways in which a key may spell the same name: a Mac writes ü as two characters, others as one."""
    return list(dict.fromkeys([name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)]))


def ending_of(name: str) -> str:
    """Return the ending of a file's name in small letters, without its dot; empty if there is none."""
    return name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""
