"""What a backup says about itself: `manifest.json`, written last."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from newsletter_cli.problems import CommandError

FORMAT = 1
MANIFEST, SECRETS, OBJECTS = "manifest.json", "secrets.json", "objects"

TABLES = ("suppressions", "receipts", "subscribers", "sends", "issues", "limits")
"""In the order in which they are restored: nobody is on the list before it is known who must not be mailed, and no
issue says that it is being sent before its send is there, held."""

BUCKETS = ("content", "site")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup, and how to see that it is whole."""

    made_at: str
    stack: str
    url: str
    address_key: str
    """A fingerprint, see `fingerprint`; nobody finds the key by it."""
    settings: dict[str, str]
    """The configuration of the functions: the parameters of the stack, as they see them."""
    tables: dict[str, int]
    """Items, by table."""
    buckets: dict[str, int]
    """Objects, by bucket."""
    files: dict[str, str]
    """SHA-256 of every file, by its path in the backup; objects carry theirs as their name."""
    format: int = FORMAT

    @property
    def name(self) -> str:
        """What tells this backup from every other."""
        return hashlib.sha256(json.dumps(self.files, sort_keys=True).encode()).hexdigest()


def fingerprint(address_key: str) -> str:
    """Return what shows that two stacks have the same address key without telling it."""
    return hmac.new(address_key.encode(), b"fortnightly backup", hashlib.sha256).hexdigest()[:32]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into the folder."""
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return what the backup says about itself.

    Raises:
        CommandError: The folder holds no backup, or one of another format.
    """
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**said)
    except (OSError, ValueError, TypeError) as exc:
        raise CommandError(f"{folder} holds no backup: {MANIFEST} is missing or cannot be read.") from exc
    if manifest.format != FORMAT:
        raise CommandError(f"The backup in {folder} has format {manifest.format}; this version reads {FORMAT}.")
    return manifest


def sha256_of(file: Path) -> str:
    """Return the hash of a file, read piece by piece."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """Return the files of the backup that are missing or not what they were."""
    wrong = []
    for path, expected in manifest.files.items():
        file = folder / path
        if not file.is_file() or sha256_of(file) != expected:
            wrong.append(path)
    return wrong
