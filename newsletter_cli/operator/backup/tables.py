"""Tables, read and written side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from newsletter_cli.operator.backup.lines import Item, read_lines, write_lines
from newsletter_cli.problems import CommandError

SEGMENTS = 4
"""Parts of a table that are read at once: enough for a million subscribers in minutes, and one laptop keeps up."""

A_CALL = 25
"""The most items that BatchWriteItem takes."""

PATIENCE = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
"""Seconds before what DynamoDB had no room for is offered again. A new table grows while it is written to."""


def save_table(dynamodb: Any, table: str, folder: Path, word: str, *, advance: Callable[[int], None]) -> list[int]:
    """Write every item of a table into files of the folder, one for each part, and return how many each holds."""
    stopping = Event()

    def save(segment: int) -> int:
        items = _scanned(dynamodb, table, segment, advance, stopping)
        return write_lines(folder / f"{word}-{segment}.jsonl.gz", items)

    with ThreadPoolExecutor(SEGMENTS) as pool, _stopped_with(stopping):
        return list(pool.map(save, range(SEGMENTS)))


@contextmanager
def _stopped_with(stopping: Event) -> Iterator[None]:
    """Tell the threads to stop when the block ends early: Ctrl-C must not wait for a whole table."""
    try:
        yield
    except BaseException:
        stopping.set()
        raise


def _scanned(
    dynamodb: Any, table: str, segment: int, advance: Callable[[int], None], stopping: Event
) -> Iterator[Item]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, Segment=segment, TotalSegments=SEGMENTS
    )
    for page in pages:
        if stopping.is_set():
            return
        yield from page["Items"]
        advance(len(page["Items"]))


def load_table(
    dynamodb: Any,
    table: str,
    files: Iterable[Path],
    *,
    change: Callable[[Item], Item | None],
    advance: Callable[[int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Write the items of the files into a table, each as `change` returns it (None leaves it out); return how many.

    Raises:
        CommandError: DynamoDB took no more for about a minute.
    """
    stopping = Event()

    def load(file: Path) -> int:
        items, count = read_lines(file), 0
        while not stopping.is_set() and (some := list(islice(items, A_CALL))):
            wanted = [changed for item in some if (changed := change(item)) is not None]
            if wanted:
                _write(dynamodb, table, wanted, sleep)
            count += len(wanted)
            advance(len(some))
        return count

    with ThreadPoolExecutor(SEGMENTS) as pool, _stopped_with(stopping):
        return sum(pool.map(load, files))


def _write(dynamodb: Any, table: str, items: list[Item], sleep: Callable[[float], None]) -> None:
    asked = {table: [{"PutRequest": {"Item": item}} for item in items]}
    for pause in (*PATIENCE, None):
        asked = dynamodb.batch_write_item(RequestItems=asked).get("UnprocessedItems") or {}
        if not asked:
            return
        if pause is not None:
            sleep(pause)
    raise CommandError("DynamoDB takes no more at the moment. Run the same command again; it goes on where it stopped.")


def is_empty(dynamodb: Any, table: str) -> bool:
    """Return whether the table holds nothing."""
    return not dynamodb.scan(TableName=table, ConsistentRead=True, Limit=1)["Items"]
