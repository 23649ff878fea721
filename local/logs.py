"""Copy what the functions log from CloudWatch Logs into one file per function."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.emulator import aws_client

EVERY = 1.0
"""Seconds between two looks."""

GROUPS = "/aws/lambda/"
"""What the names of all functions' log groups begin with."""

OVERLAP = 5000
"""Milliseconds each look goes back: two workers of a function do not write in the order of their clocks."""


class LogTail:
    """Follows the log groups of the functions in a thread of its own."""

    def __init__(self, endpoint: str, functions: Mapping[str, str], folder: Path) -> None:
        self._logs: Any = aws_client("logs", endpoint)
        self._followed = [_Followed(f"{GROUPS}{name}", folder / f"{word}.log") for word, name in functions.items()]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="logs", daemon=True)

    def start(self) -> None:
        """Start following; every file exists from now on, also that of a function which never runs."""
        for followed in self._followed:
            followed.file.touch()
        self._thread.start()

    def stop(self) -> None:
        """Copy what is new and stop."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _follow(self) -> None:
        while not self._stopping.wait(EVERY):
            self._look()
        self._look()

    def _look(self) -> None:
        try:
            sizes = self._sizes()
            for followed in self._followed:
                size = sizes.get(followed.group, 0)
                if size != followed.size:
                    followed.look(self._logs)
                    followed.size = size
        except (BotoCoreError, ClientError):
            return  # the emulator has ended, which the stack reports

    def _sizes(self) -> dict[str, int]:
        """Return how much each group holds: one question where most functions sleep most of the time."""
        pages = self._logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=GROUPS)
        return {group["logGroupName"]: group["storedBytes"] for page in pages for group in page["logGroups"]}


class _Followed:
    """One log group and how far it has been read."""

    def __init__(self, group: str, file: Path) -> None:
        self.file = file
        self.group = group
        self.size = 0
        self._newest = 0
        self._seen: dict[tuple[str, int, str], int] = {}

    def look(self, logs: Any) -> None:
        """Append what is new to the file."""
        since = max(0, self._newest - OVERLAP)
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=self.group, startTime=since)
        found = [event for page in pages for event in page["events"]]
        fresh = [event for event in found if _identity(event) not in self._seen]
        if not fresh:
            return
        self._seen = {key: moment for key, moment in self._seen.items() if moment >= since}
        self._seen |= {_identity(event): event["timestamp"] for event in fresh}
        self._newest = max(self._seen.values())
        with self.file.open("a", encoding="utf-8") as output:
            for event in fresh:
                moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                output.write(f"{moment:%H:%M:%S.%f} {event['message'].rstrip()}\n")


def _identity(event: dict[str, Any]) -> tuple[str, int, str]:
    """Return what tells two events apart; MiniStack leaves their ids out."""
    return event["logStreamName"], event["timestamp"], event["message"]
