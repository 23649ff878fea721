"""What Firehose does with records before it writes them: collects them for a while, and packs them into one file.

MiniStack writes each record into a file of its own, unpacked. Here a file holds what came in a second, where AWS waits
for as long as the template says: on a laptop nobody pays for files, and somebody looks at the screen.
Source: https://docs.aws.amazon.com/firehose/latest/dev/create-destination.html
"""

import gzip
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextvars import copy_context
from threading import Lock, Timer
from typing import Any

SECONDS = 1.0

MEGABYTE = 1024 * 1024

Deliver = Callable[[dict[str, Any], dict[str, Any], bytes], None]
"""Writes a file: of this stream, for this destination, with this content."""


class Collected:
    """Stands in the place of MiniStack's function that writes records into files."""

    def __init__(self, deliver: Deliver, *, seconds: float = SECONDS) -> None:
        self._deliver = deliver
        self._seconds = seconds
        self._lock = Lock()
        self._waiting: dict[str, bytearray] = {}

    def __call__(
        self, stream: dict[str, Any], destination: MutableMapping[str, Any], records: Sequence[tuple[str, bytes]]
    ) -> None:
        """Take records; write a file once they are many enough, and at the latest when its time is over."""
        destination["records"].clear()  # MiniStack keeps them all for its own tests
        hints = destination["config"].get("BufferingHints", {})
        most = int(hints.get("SizeInMBs", 5)) * MEGABYTE
        with self._lock:
            waiting = self._waiting.setdefault(stream["arn"], bytearray())
            first = not waiting
            for _, data in records:
                waiting += data
            full = len(waiting) >= most
        if full:
            self._write(stream, destination)
        elif first:
            # The account and the region of a call are part of its context.
            timer = Timer(self._seconds, copy_context().run, (self._write, stream, destination))
            timer.daemon = True
            timer.start()

    def _write(self, stream: dict[str, Any], destination: Mapping[str, Any]) -> None:
        with self._lock:
            content = bytes(self._waiting.pop(stream["arn"], b""))
        if not content:
            return  # it filled a file before its time was over
        if destination["config"].get("CompressionFormat") == "GZIP":
            content = gzip.compress(content, compresslevel=1)
        self._deliver(stream, dict(destination), content)
