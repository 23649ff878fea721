"""A laptop stack of its own, for the length of a drill."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsletter_cli.problems import CommandError
from newsletter_cli.stack import STACK_FILE, Stack, find_stack

PATIENCE = 120
"""Seconds; it takes about ten."""


@contextmanager
def fresh_laptop(home: Path) -> Iterator[Stack]:
    """Start a laptop stack below `home`, and stop it.

    Raises:
        CommandError: It cannot be started.
    """
    if importlib.util.find_spec("local") is None:
        raise CommandError("A drill needs the laptop stack. Run it in a checkout of the newsletter.")
    log = home / "stack.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "local.stack", "--home", str(home / STACK_FILE.parent)]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(process, home / STACK_FILE, log)
        yield find_stack("", local=True, home=home)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(process: subprocess.Popen[bytes], file: Path, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise CommandError(f"The laptop stack did not start: {last[0] if last else 'it said nothing'}")
        time.sleep(0.2)
