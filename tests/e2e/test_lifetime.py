"""Nothing of a stack outlives it: not after Ctrl-C, not when a part or the whole command is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.process import ROOT
from local.reader import wait_for

pytestmark = pytest.mark.e2e

PARTS = ("url", "aws_endpoint", "ses_endpoint")


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Commands that were started; whatever is left of them is killed in the end."""
    commands: list[subprocess.Popen[str]] = []
    yield commands
    for command in commands:
        command.kill()
        command.communicate()


def start(home: Path, started: list[subprocess.Popen[str]]) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    command = subprocess.Popen(
        [sys.executable, "-m", "local.stack", "--home", str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started.append(command)
    description = home / "stack.json"
    assert command.stdout is not None
    for line in command.stdout:
        if line.startswith("Up after"):
            return command, json.loads(description.read_text())
    raise AssertionError(f"the stack ended with {command.wait()} before it was up")


def listens(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) == 0


def all_quiet(where: dict[str, Any]) -> bool:
    return not any(listens(where[part]) for part in PARTS)


def simulator_of(home: Path) -> int:
    """Return the process of the simulator that writes its log below `home`."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                output = (folder / "fd" / "1").readlink()
            except OSError:
                continue
            if b"local.simulator" in command and output == home / "logs" / "simulator.log":
                return int(folder.name)
    raise AssertionError("there is no simulator")


def test_a_second_start_replaces_the_first_and_ctrl_c_ends_the_second(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    first, first_where = start(tmp_path, started)
    second, second_where = start(tmp_path, started)

    assert first.wait(20) == 128 + signal.SIGTERM
    assert all_quiet(first_where)

    second.send_signal(signal.SIGINT)

    assert second.wait(20) == 0
    assert all_quiet(second_where)
    assert not (tmp_path / "stack.json").exists()
    assert not (tmp_path / "tmp").exists()


def test_a_killed_command_takes_its_parts_with_it(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    command, where = start(tmp_path, started)

    command.kill()

    wait_for("every part to end", lambda: all_quiet(where))


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc to find a part of the stack")
def test_when_one_part_ends_the_others_are_stopped_and_the_reason_is_given(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    command, where = start(tmp_path, started)

    os.kill(simulator_of(tmp_path), signal.SIGKILL)

    said, _ = command.communicate(timeout=20)
    assert "The SES simulator ended unexpectedly" in said
    assert command.returncode == 1
    assert all_quiet(where)
