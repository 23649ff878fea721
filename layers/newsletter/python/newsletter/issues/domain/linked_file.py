"""A file beside an issue that its text links to: a report, a table, a recording, readers can download."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from newsletter.issues.domain.upload import OURS

LONGEST_NAME = 200
"""Bytes. S3 takes 1,024 for the whole key, and file systems 255 for a name with what programs add to it."""

TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing: with them `fdp.exe` can be shown as `exe.pdf`."""


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


def fault_of_name(name: str) -> str:
    """Return why a file of this name cannot be published, as a sentence; nothing if it can."""
    if len(unicodedata.normalize("NFC", name).encode()) > LONGEST_NAME:
        return f"Its name has more than {LONGEST_NAME} bytes."
    if any(
        unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs", "Zl", "Zp") or letter in TURNING for letter in name
    ):
        return "Its name holds a character that nobody sees."
    if "\\" in name:
        return "Its name holds a backslash, which browsers read as the edge of a folder."
    if any(part.strip(" ") in ("", ".", "..") for part in name.split("/")):
        return "Its name leads to another folder."
    if re.search(r"\s", name.replace(" ", "")) or name != name.strip(" "):
        return "Its name begins or ends with a space, or holds one of an unusual kind."
    if name.endswith(OURS):
        return "Its name is one that we give to lists of findings."
    return ""
