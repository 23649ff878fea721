"""A forked worker is a process of its own, like one that was started anew."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.prefork import Forked, Nursery

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")

SCRIPT = """
import json, os, sys
for line in sys.stdin:
    print(line.strip(), os.environ.get("GIVEN", ""), os.getcwd(), __name__, file=sys.stderr, flush=True)
    print(json.dumps(sorted(name for name in sys.modules if "." not in name)), flush=True)
"""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "worker.py").write_text(SCRIPT)
    return tmp_path / "worker.py"


def start(nursery: Nursery, script: Path, **environment: str) -> Forked:
    return nursery.start([sys.executable, str(script)], cwd=str(script.parent), env={**os.environ, **environment})


def test_each_worker_has_its_own_environment_folder_and_output(nursery: Nursery, script: Path) -> None:
    one, other = start(nursery, script, GIVEN="1"), start(nursery, script)

    for worker in (one, other):
        worker.stdin.write("hello\n")

    assert one.stderr.readline() == f"hello 1 {script.parent} __main__\n"
    assert other.stderr.readline() == f"hello  {script.parent} __main__\n"


def imported(worker: Forked) -> list[str]:
    worker.stdin.write("hello\n")
    return list(json.loads(worker.stdout.readline()))


def layer(folder: Path, text: str) -> str:
    (folder / "python" / "printed").mkdir(parents=True)
    (folder / "python" / "printed" / "__init__.py").touch()
    (folder / "python" / "printed" / "page.py").write_text(text)
    return str(folder)


def test_libraries_are_there_and_what_no_layer_has_is_not(nursery: Nursery, script: Path) -> None:
    found = imported(start(nursery, script))

    assert "boto3" in found
    assert "newsletter" not in found


def test_a_worker_finds_imported_what_its_layer_has_and_not_what_an_older_version_had(
    nursery: Nursery, tmp_path: Path
) -> None:
    script = tmp_path / "page.py"
    script.write_text("import sys\nprint(sys.modules['printed.page'].text, flush=True)")

    said = [
        start(nursery, script, _LAMBDA_LAYERS_DIRS=layer(tmp_path / text, f"text = {text!r}")).stdout.readline()
        for text in ("first", "second")
    ]

    assert said == ["first\n", "second\n"]


def test_a_layer_that_cannot_be_imported_harms_only_who_imports_it(
    nursery: Nursery, script: Path, tmp_path: Path
) -> None:
    folders = layer(tmp_path / "broken", "raise OSError('broken')")

    assert "boto3" in imported(start(nursery, script, _LAMBDA_LAYERS_DIRS=folders))
    assert "boto3" in imported(start(nursery, script))


def test_a_worker_ends_with_its_input_or_when_it_is_told_to(nursery: Nursery, script: Path) -> None:
    emptied, told, killed, living = (start(nursery, script) for _ in range(4))

    emptied.stdin.close()
    told.terminate()
    killed.kill()

    assert [worker.wait(10) for worker in (emptied, told, killed)] == [0, 0, 0]
    assert told.poll() == 0
    assert living.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        living.wait(0)
    told.kill()  # it is gone already, and nobody minds


def test_the_number_of_a_worker_stands_beside_its_script(nursery: Nursery, script: Path) -> None:
    worker = start(nursery, script)
    worker.stdin.write("hello\n")
    worker.stdout.readline()

    os.kill(int((script.parent / "pid").read_text()), signal.SIGKILL)

    assert worker.wait(10) == 0
    assert worker.stdout.readline() == ""


def test_what_a_script_raises_is_in_its_output(nursery: Nursery, tmp_path: Path) -> None:
    worker = start(nursery, tmp_path / "missing.py")

    assert worker.stdout.read() == ""
    assert "FileNotFoundError" in worker.stderr.read()
    assert worker.wait(10) == 0
