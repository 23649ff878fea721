"""The files beside an issue on this machine, looked at as publishing looks at those in the bucket."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from newsletter.issues.domain.linked_file import LinkedFile, path_of, spellings
from newsletter.issues.writing.file_kinds import HEAD, checked_kind, refuse_lie, refuse_weight


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file beside an issue, and where it lies on this machine."""

    linked_file: LinkedFile
    place: Path


def file_beside(folder: Path, name: str) -> Path | None:
    """Return the file of this name in the issue's folder, or None."""
    for spelling in spellings(name):
        path = folder / spelling
        # A name, or a link in the folder, may lead elsewhere on this machine; what lies there is nobody's to publish.
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    return None


def look_at_file(folder: Path, name: str, *, most_megabytes: int) -> LocalFile | None:
    """Return the file of this name in the issue's folder, or None.

    Raises:
        InvalidFileError: It cannot be published.
    """
    kind = checked_kind(name)
    place = file_beside(folder, name)
    if place is None:
        return None
    weight = place.stat().st_size
    refuse_weight(weight, most_megabytes)
    with place.open("rb") as opened:
        refuse_lie(opened.read(HEAD), name, kind)
        opened.seek(0)
        etag = hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    own_name = place.relative_to(folder).as_posix()
    return LocalFile(LinkedFile(own_name, path_of(folder.name, name), "", etag, weight), place)
