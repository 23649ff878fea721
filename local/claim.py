"""One stack per home folder: a second start ends the first one and takes its place."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 20.0
"""Seconds to wait for a stack that was told to end."""


class HomeTakenError(Exception):
    """The stack that holds the home folder would not end."""


@contextlib.contextmanager
def claim(home: Path) -> Iterator[int | None]:
    """Hold `home` for this process; the value is the process that had to give way, or None.

    The kernel releases the lock when a process ends, however it ends, so a stale one cannot exist.

    Raises:
        HomeTakenError: The other stack did not end in time.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+") as file:
        replaced = None
        if not _locked(file.fileno()):
            replaced = _owner(home)
            if replaced is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(replaced, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while not _locked(file.fileno()):
                if time.monotonic() > deadline:
                    raise HomeTakenError(
                        f"the stack of process {replaced or 'unknown'} still runs in {home}; end it first"
                    )
                time.sleep(0.1)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield replaced


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(home: Path) -> int | None:
    written = (home / "lock").read_text().strip()
    return int(written) if written.isdigit() else None
