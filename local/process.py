"""One part of the stack as a child process: started, watched, stopped with everything it started."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: children import `local` from here."""

LOOPBACK = "127.0.0.1"

OWN_NAMES = [LOOPBACK, "localhost"]
"""What a browser may call this machine. Another name that leads here is somebody else's (DNS rebinding)."""

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For httpx, which would read a quarter of a megabyte of certificates for each client. All of a stack speaks http."""

STOP_GRACE = 4.0
"""Seconds a part gets to end by itself when the stack stops."""


NO_ACCOUNT = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Settings under which boto3 finds no account, whatever the home folder holds."""


class PartFailedError(Exception):
    """A part of the stack did not start, or ended while it was needed."""


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(temporary: Path) -> dict[str, str]:
    """Return the environment for a child: the caller's, without anything that names an AWS account.

    A laptop often carries real credentials, a profile or an endpoint; none of them may reach the stack.
    Temporary files go to `temporary`, which is removed with the stack.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
    return kept | NO_ACCOUNT | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def forget_account() -> None:
    """Do the same to this process: boto3 must not stumble over a profile or an endpoint of the caller's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(NO_ACCOUNT)


class Part:
    """A child process of the stack, with its output in a file."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], log: Path) -> None:
        self.name = name
        self.log = log
        self._command = [sys.executable, "-m", "local.child_process", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start in a session of its own: Ctrl-C then reaches only the parent, which stops things in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_running(self) -> bool:
        """Say whether the process has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`.

        Raises:
            PartFailedError: The process ended first, or the time was up; its last output is in the message.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running():
                raise PartFailedError(f"{self.name} ended while starting. {self._last_words()}")
            if time.monotonic() > deadline:
                raise PartFailedError(f"{self.name} did not answer within {seconds:.0f} s. {self._last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process and whatever it started; kill what does not end in time."""
        if self._process is None:
            return
        group = self._process.pid
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(STOP_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # What is left of its session: the emulator's Lambda workers end by themselves, only later.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"The end of {self.log}:", *lines[-15:]])


def answers(url: str) -> bool:
    """Say whether `url` answers a GET with 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - loopback only
            return 200 <= int(answer.status) < 300
    except (urllib.error.URLError, OSError):
        return False
