"""A list of 100,000 readers taken over by the command line: with stores in memory, so that only our own work counts.

`bench/laptop.py` imports a part of it into a laptop's stack.
"""

from __future__ import annotations

import json
import subprocess
import sys
from csv import writer
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import boto3
from typer.testing import CliRunner

from bench.memory import peak_rss_mb
from local.process import ROOT
from newsletter.readers.adapters.email_addresses import EmailAddresses
from newsletter.readers.ports import ImportPorts
from newsletter.wiring.system_clock import SystemClock
from newsletter_cli.main import app as command_line
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.readers.fakes import MemoryNewcomers, MemorySubscribers, MemorySuppressions

ROWS = 100_000
KEY = "key of the bench"
HEADINGS = ("email", "name", "confirmed_at")


def measure() -> dict[str, Any]:
    """Return of `import` what it takes with stores in memory."""
    command = [sys.executable, "-m", "bench.importing"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - ours
    return {"import": {"memory": json.loads(done.stdout)}}


def write_list(folder: Path, row_count: int = ROWS) -> Path:
    """Write a list as another system exports it, and return its file."""
    file, first = folder / "list.csv", datetime(2019, 1, 1, 8, tzinfo=UTC)
    with file.open("w", newline="") as opened:
        rows = writer(opened)
        rows.writerow(HEADINGS)
        for number in range(row_count):
            confirmed_at = (first + number * timedelta(minutes=30)).isoformat()
            rows.writerow((f"reader.{number}@example.org", f"Reader {number}", confirmed_at))
    return file


class _App:
    """What the verb asks of an app."""

    def __init__(self) -> None:
        self.subscribers, self.address_key, self.clock = MemorySubscribers(), KEY, SystemClock()
        suppressions = MemorySuppressions(subscribers=self.subscribers)
        self.addresses = EmailAddresses(KEY)
        self.import_ports = ImportPorts(
            self.subscribers, suppressions, MemoryNewcomers(self.subscribers, suppressions)
        )  # fmt: skip

    def reader_fields(self) -> tuple[()]:
        """Return the publisher's fields: there are none."""
        return ()


def main() -> None:
    """Import the list, and print what that took."""
    stack, app = (
        Stack("in-memory", boto3.Session(region_name="eu-west-2"), Resources("", "", "", {}, {}, {}), ""),
        _App(),
    )
    stack.__dict__["app"] = app
    with TemporaryDirectory() as folder:
        file = write_list(Path(folder))
        began, cpu = perf_counter(), process_time()
        said = CliRunner().invoke(command_line, ["import", str(file), "--yes", "--json"], obj=stack)
        seconds, cpu = perf_counter() - began, process_time() - cpu
    assert said.exit_code == 0, (said.output, said.exception)
    assert len(app.subscribers.by_id) == json.loads(said.stdout)["added"] == ROWS
    print(
        json.dumps(
            {
                "seconds_for_100000": round(seconds, 1),
                "cpu_s_for_100000": round(cpu, 1),
                "rows_per_s": round(ROWS / seconds),
                "peak_rss_mb": round(peak_rss_mb()),
            }
        )
    )


if __name__ == "__main__":
    main()
