"""Items of DynamoDB as lines of JSON: each type by its letter, bytes in base64."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Item = dict[str, Any]


def write_lines(file: Path, items: Iterable[Item]) -> int:
    """Write items, compressed, and return how many."""
    count = 0
    # No name and no time in the header: the same items make the same file.
    with file.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
        for item in items:
            stream.write(to_line(item).encode() + b"\n")
            count += 1
    return count


def read_lines(file: Path) -> Iterator[Item]:
    """Yield the items of a file, one at a time."""
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield from_line(line)


def to_line(item: Item) -> str:
    """Return the item as one line."""
    return json.dumps({name: _coded(value) for name, value in item.items()}, sort_keys=True, separators=(",", ":"))


def from_line(line: str) -> Item:
    """Return the item that a line holds."""
    return {name: _decoded(value) for name, value in json.loads(line).items()}


def _coded(value: Item) -> Item:
    ((letter, inside),) = value.items()
    match letter:
        case "B":
            inside = base64.b64encode(bytes(inside)).decode()
        case "BS":
            inside = sorted(base64.b64encode(bytes(each)).decode() for each in inside)
        case "SS" | "NS":
            inside = sorted(inside)  # a set has no order, and the same items make the same file
        case "L":
            inside = [_coded(each) for each in inside]
        case "M":
            inside = {name: _coded(each) for name, each in inside.items()}
    return {letter: inside}


def _decoded(value: Item) -> Item:
    ((letter, inside),) = value.items()
    match letter:
        case "B":
            inside = base64.b64decode(inside)
        case "BS":
            inside = [base64.b64decode(each) for each in inside]
        case "L":
            inside = [_decoded(each) for each in inside]
        case "M":
            inside = {name: _decoded(each) for name, each in inside.items()}
    return {letter: inside}
