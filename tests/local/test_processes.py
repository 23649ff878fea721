"""A stack must not outlive its command, however the command ends. Real processes, on loopback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.claim import claim
from local.process import ROOT, Part, PartFailedError, clean_environment, forget_account

READY = "print('ready', flush=True)\n"
WAITS = READY + "import signal\nsignal.pause()\n"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A folder with a module `part` that says it is ready and then waits."""
    (tmp_path / "part.py").write_text(WAITS)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    given = clean_environment(folder)
    return given | {"PYTHONPATH": os.pathsep.join([given["PYTHONPATH"], str(folder)])}


def test_a_part_ends_when_its_parent_is_killed(module: Path) -> None:
    parent_ends, parent = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "local.child_process", "part"],
        cwd=ROOT,
        env=environment(module),
        stdin=parent_ends,
        stdout=subprocess.PIPE,
    )
    os.close(parent_ends)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"

    os.close(parent)  # what the kernel does for a killed process

    assert child.wait(10) == -signal.SIGTERM
    child.stdout.close()


def test_a_part_that_ends_while_starting_is_reported_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise SystemExit('no port for me')\n")
    part = Part("The broken part", "broken", [], tmp_path / "broken.log")
    part.start(environment(tmp_path))

    with pytest.raises(PartFailedError, match=r"(?s)The broken part ended while starting.*no port for me"):
        part.wait_until(lambda: False, seconds=10)
    part.stop()


def test_stopping_a_part_leaves_no_process(module: Path) -> None:
    part = Part("The part", "part", [], module / "part.log")
    part.start(environment(module))
    part.wait_until(lambda: "ready" in part.log.read_text(), seconds=10)

    part.stop()

    assert not part.is_running()


def test_a_second_stack_in_the_same_home_replaces_the_first(tmp_path: Path) -> None:
    holder = f"import pathlib, local.claim\nwith local.claim.claim(pathlib.Path({str(tmp_path)!r})):\n"
    program = holder + "".join(f"    {line}\n" for line in WAITS.splitlines())
    first = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert first.stdout is not None
    assert first.stdout.readline() == b"ready\n"

    with claim(tmp_path) as replaced:
        assert replaced == first.pid
    assert first.wait(10) == -signal.SIGTERM
    first.stdout.close()


def test_a_home_that_was_left_is_free(tmp_path: Path) -> None:
    with claim(tmp_path):
        pass

    with claim(tmp_path) as replaced:
        assert replaced is None


def test_nothing_of_the_callers_account_reaches_the_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.org")

    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL"} & set(clean_environment(tmp_path))

    forget_account()
    assert "AWS_PROFILE" not in os.environ
