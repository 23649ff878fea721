"""Whether a restored stack holds what the backup does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsletter_cli.operator.backup.buckets import read_entries
from newsletter_cli.operator.backup.lines import Item, read_lines, to_line
from newsletter_cli.operator.backup.manifest import BUCKETS, TABLES
from newsletter_cli.operator.backup.silence import silenced
from newsletter_cli.stack import Stack

CLOCKS = {"sends": frozenset({"paused_at", "since"})}
"""Attributes that hold the moment of the restore itself."""


def differences(stack: Stack, folder: Path, versions: Mapping[tuple[str, str], str]) -> list[str]:
    """Return a sentence for every item and every object that is not as the backup says.

    What a restore changes on purpose (see `silence`) is expected as it should be, and nothing else.
    """
    wrong: list[str] = []
    for word in TABLES:
        expected = {_name(item): _digest(word, item) for item in _expected(folder, word, versions)}
        found = {_name(item): _digest(word, item) for item in _items(stack, word)}
        # What the stack itself does while it runs (counters, the watch) is not among what was saved.
        # Nor is what functions used for an issue: `publish` wakes as its file is written, and adds to that.
        differing = [name for name, line in expected.items() if found.get(name) != line and " usage#" not in name]
        wrong += [f"{word}: {name} is not as it was" for name in sorted(differing)]
        if word in ("subscribers", "suppressions", "receipts", "issues"):
            wrong += [f"{word}: {name} was not in the backup" for name in sorted(found.keys() - expected.keys())]
    for word in BUCKETS:
        bucket = stack.resources.content_bucket if word == "content" else stack.resources.site_bucket
        wrong += _objects(stack.client("s3"), bucket, folder, word)
    return wrong


def _expected(folder: Path, word: str, versions: Mapping[tuple[str, str], str]) -> Iterator[Item]:
    for file in sorted(folder.glob(f"{word}-*.jsonl.gz")):
        for item in read_lines(file):
            changed = silenced(word, item, versions=versions, now=datetime.now(UTC))
            if changed is not None:
                yield changed


def _items(stack: Stack, word: str) -> Iterator[Item]:
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.resources.tables[word], ConsistentRead=True)
    )
    for page in pages:
        yield from page["Items"]


def _name(item: Item) -> str:
    return " ".join(item[key]["S"] for key in ("slug", "item", "subscriber_id", "counter_key") if key in item)


def _digest(word: str, item: Item) -> bytes:
    """Return sixteen bytes in place of an item: a million of them fit into a laptop."""
    compared = {name: value for name, value in item.items() if name not in CLOCKS.get(word, ())}
    return hashlib.blake2b(to_line(compared).encode(), digest_size=16).digest()


def _objects(s3: Any, bucket: str, folder: Path, word: str) -> Iterator[str]:
    for entry in read_entries(folder, word):
        body = s3.get_object(Bucket=bucket, Key=entry["key"])["Body"].read()
        if hashlib.sha256(body).hexdigest() != entry["sha256"]:
            yield f"{word} bucket: {entry['key']} is not as it was"
