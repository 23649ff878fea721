"""Buckets: the newest version of every object, with what it says about itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from newsletter.feedback.adapters.s3_evidence_archive import FOLDER as EVIDENCE
from newsletter.issues.adapters.s3_content import RESTORED
from newsletter.issues.domain.upload import FOLDER
from newsletter.readers.importing.domain.list_keys import EXPORTS
from newsletter.readers.importing.domain.list_keys import FOLDER as IMPORTS
from newsletter_cli.operator.backup.manifest import OBJECTS
from newsletter_cli.problems import CommandError

AT_ONCE = 8
"""Objects that are on their way at once."""

KEPT = ("ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage")
"""Headers that an object brings along besides its metadata."""

Entry = dict[str, Any]
"""Shape: {"key", "sha256", "size", "version", "metadata": {...}, "ContentType", ...}."""


def keys_of(s3: Any, bucket: str, prefix: str = "") -> list[str]:
    """Return the keys that stand in the bucket, in order."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


def save_bucket(s3: Any, bucket: str, folder: Path, word: str, *, advance: Callable[[int], None]) -> list[Entry]:
    """Write every object into the folder, under the hash of what it holds, and the list of them beside."""
    (folder / OBJECTS).mkdir(exist_ok=True)

    def save(key: str) -> Entry:
        answer = s3.get_object(Bucket=bucket, Key=key)
        body = answer["Body"].read()
        name = hashlib.sha256(body).hexdigest()
        # A key may be any text: no file is named after one, so none can lead out of the folder.
        (folder / OBJECTS / name).write_bytes(body)
        advance(1)
        headers = {header: answer[header] for header in KEPT if answer.get(header)}
        metadata = {k: v for k, v in answer["Metadata"].items() if k != RESTORED}
        version = answer.get("VersionId", "")
        return {"key": key, "sha256": name, "size": len(body), "version": version, "metadata": metadata, **headers}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        # The second place of evidence and imported lists are gone after 30 days, exports after one; a backup would keep
        # them, and with them the addresses of people who were erased since.
        lasting = [key for key in keys_of(s3, bucket) if not key.startswith((EVIDENCE, IMPORTS, EXPORTS))]
        entries = list(pool.map(save, lasting))
    lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    (folder / f"{word}.jsonl").write_text(lines, encoding="utf-8")
    return entries


def read_entries(folder: Path, word: str) -> list[Entry]:
    """Return the list of a bucket's objects."""
    text = (folder / f"{word}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def load_bucket(
    s3: Any,
    bucket: str,
    folder: Path,
    entries: list[Entry],
    *,
    marked: bool,
    now: Callable[[], float],
    advance: Callable[[int], None],
) -> dict[tuple[str, str], str]:
    """Put the objects back; return their new versions, by key and the version that was saved.

    Args:
        s3: A client.
        bucket: Where to.
        folder: The backup.
        entries: What it holds of this bucket.
        marked: Whether editors' files get the mark of a restore. It makes `publish` leave them alone: S3 tells it
            about every one of them, and nobody uploaded them.
        now: The clock; the mark counts for minutes.
        advance: Told after each object.

    Raises:
        CommandError: An object is not what it was.
    """

    def load(entry: Entry) -> tuple[tuple[str, str], str]:
        body = (folder / OBJECTS / entry["sha256"]).read_bytes()
        if hashlib.sha256(body).hexdigest() != entry["sha256"]:
            raise CommandError(f"The object {entry['sha256']} of the backup is damaged. Take another backup.")
        mark = {RESTORED: str(int(now()))} if marked and entry["key"].startswith(FOLDER) else {}
        headers = {header: entry[header] for header in KEPT if header in entry}
        put = s3.put_object(
            Bucket=bucket, Key=entry["key"], Body=body, Metadata={**entry["metadata"], **mark}, **headers
        )
        advance(1)
        return (entry["key"], entry["version"]), put.get("VersionId", "")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(pool.map(load, entries))
