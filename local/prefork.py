"""Lambda workers as forks of a process that has imported the libraries: a new Python takes a second for that.

AWS keeps what it has initialized; the emulator starts a Python process for every worker of every function, and most
of what such a process does is to import the same libraries again. So one process imports them, once for a stack, and
is forked where a worker is wanted: each has memory, environment, folder and output of its own, as before. Our own code
is imported as well, from the layer that was deployed, when the first worker is wanted that has it. A worker that is
kept warm has 20 to 40 MB to itself.

On Linux alone; elsewhere a worker is started as the emulator does it.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = (
    "boto3", "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.data_classes", "css_inline", "email_validator", "jinja2", "markdown_it",
    "mdit_py_plugins", "nh3", "yaml",
)  # fmt: skip
"""What functions import that is not ours; the standard library comes along."""

CLIENTS = ("dynamodb", "s3", "sqs", "sesv2")
"""botocore imports most of itself with the first client."""

LAYERS = "_LAMBDA_LAYERS_DIRS"
"""Where the emulator says in which folders it has unpacked the layers of a worker."""

LENGTH = 4
"""Bytes that say how long a request is."""


class Forked:
    """A worker as the emulator sees it: what it uses of `subprocess.Popen`."""

    def __init__(self, pidfd: int, stdin: int, stdout: int, stderr: int) -> None:
        self.stdin = open(stdin, "w", encoding="utf-8", buffering=1)  # noqa: SIM115 - open as long as the worker is used
        self.stdout = open(stdout, encoding="utf-8")  # noqa: SIM115
        self.stderr = open(stderr, encoding="utf-8")  # noqa: SIM115
        self._pidfd = pidfd

    def __del__(self) -> None:
        os.close(self._pidfd)

    def poll(self) -> int | None:
        """Return None while the process runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: It runs still.
        """
        ended = self._ended(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired("a Lambda worker", timeout or 0)
        return ended

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        ends = select.poll()
        ends.register(self._pidfd, select.POLLIN)
        return 0 if ends.poll(None if timeout is None else timeout * 1000) else None

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)


class Nursery:
    """The process that is forked, as its owner sees it; it ends with its owner."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._lock = threading.Lock()
        command = [sys.executable, "-m", "local.prefork", str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()

    def close(self) -> None:
        """End the process; workers stay until their input ends."""
        self._socket.close()
        self._process.wait()

    def start(self, arguments: Sequence[str], *, cwd: str, env: Mapping[str, str], **_options: Any) -> Forked:
        """Run a Python script, as `subprocess.Popen([python, script], cwd=..., env=...)` would."""
        (their_in, stdin), (stdout, their_out), (stderr, their_err) = (os.pipe() for _ in range(3))
        theirs = [their_in, their_out, their_err]
        request = json.dumps({"script": arguments[1], "cwd": cwd, "env": dict(env)}).encode()
        try:
            with self._lock:
                socket.send_fds(self._socket, [len(request).to_bytes(LENGTH)], theirs)
                self._socket.sendall(request)
                _, [pidfd], _, _ = socket.recv_fds(self._socket, 1, 1)
        finally:
            for each in theirs:
                os.close(each)
        return Forked(pidfd, stdin, stdout, stderr)


def popen() -> Callable[..., Any]:
    """Return what starts a worker and leaves its number beside its script: a fork where there can be one."""
    return Nursery().start if _can_wait_for_forks() else _new_python


def _can_wait_for_forks() -> bool:
    """Return whether the system hands out descriptors of processes; some sandboxes that pass for Linux do not."""
    if not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _new_python(arguments: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    worker = subprocess.Popen(arguments, **options)
    _pid_file(arguments[1]).write_text(str(worker.pid), encoding="ascii")
    return worker


def _pid_file(script: str) -> Path:
    return Path(script).parent / "pid"


def serve(requests: socket.socket) -> None:
    """Fork for each request, until nobody can send one any more."""
    imported: set[Path] = set()
    while True:
        length, files, _, _ = socket.recv_fds(requests, LENGTH, 3)
        if not length:
            return
        request = json.loads(requests.recv(int.from_bytes(length), socket.MSG_WAITALL))
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        folders = request["env"].get(LAYERS, "").split(os.pathsep)
        layers = {Path(folder).resolve() / "python" for folder in folders if folder}
        for layer in layers - imported:
            _import_all(layer)
        imported |= layers
        worker = os.fork()
        if not worker:
            requests.close()
            _become(request, files)
        pidfd = os.pidfd_open(worker)
        socket.send_fds(requests, [b"."], [pidfd])
        for each in (*files, pidfd):
            os.close(each)


def _import_all(layer: Path) -> None:
    """Import every module of a layer, in place of those that another version of it had."""
    packages = [name for _, name, is_package in pkgutil.iter_modules([str(layer)]) if is_package]
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]
    sys.path.insert(0, str(layer))
    try:
        for _, name, _ in pkgutil.walk_packages([str(layer)]):
            importlib.import_module(name)
    except Exception:  # noqa: BLE001 - the worker that needs it meets the same error, and says so
        traceback.print_exc()
    sys.path.remove(str(layer))
    importlib.invalidate_caches()
    _keep()


def _keep() -> None:
    """Keep what is imported: a worker that collects garbage need not copy it."""
    gc.collect()
    gc.freeze()


def _become(request: Mapping[str, Any], files: Sequence[int]) -> NoReturn:
    """Be the worker from here on."""
    ended = 1
    try:
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.argv = [request["script"]]
        sys.path[0] = str(Path(request["script"]).parent)
        _pid_file(request["script"]).write_text(str(os.getpid()), encoding="ascii")
        runpy.run_path(request["script"], run_name="__main__")
        ended = 0
    except BaseException:  # noqa: BLE001 - a fork must never go on as its parent would
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(ended)


def _read_descriptions_once() -> None:
    """Keep what botocore reads of its megabytes of JSON: each of its sessions would read them anew."""
    loaders: Any = importlib.import_module("botocore.loaders")
    read_once = cache(loaders.JSONFileLoader().load_file)
    loaders.JSONFileLoader.load_file = lambda _, path: read_once(path)


def main() -> None:
    """Import the libraries, then serve the socket whose number is the one argument."""
    for library in LIBRARIES:
        importlib.import_module(library)
    sys.dont_write_bytecode = False  # what is compiled of a layer goes with the stack
    _read_descriptions_once()
    boto3: Any = importlib.import_module("boto3")
    session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="eu-west-1")  # noqa: S106
    for service in CLIENTS:
        session.client(service)
    _keep()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        serve(requests)


if __name__ == "__main__":
    main()
