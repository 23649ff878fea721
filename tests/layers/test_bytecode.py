"""What `make build` puts beside the code: bytecode of Lambda's Python, the same whoever builds it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.built_layer import python313
from local.process import ROOT

UNCHECKED = 0b01
"""PEP 552: valid by hash, and the hash is not looked at."""
MAGIC = struct.pack("<H2s", 3571, b"\r\n")
"""Of CPython 3.13, all of it."""


def shared_part(layer: str) -> str:
    text = (ROOT / "layers" / layer / "python/Makefile").read_text()
    return text.partition("PYTHON ?=")[2].partition("build-")[0]


def test_both_layers_are_finished_in_the_same_way() -> None:
    """Each folder goes to a place of its own while SAM builds it, so neither can include a file of the other."""
    assert shared_part("newsletter") == shared_part("passkeys")


def built(tmp_path: Path, *, name: str, date: int, environ: Mapping[str, str]) -> tuple[Path, str]:
    """Return a layer as its own Makefile builds it, of a part of our package and of nobody else; and what it said."""
    source, target = tmp_path / f"{name}-source", tmp_path / name
    layer = ROOT / "layers/newsletter/python"
    for part in ("newsletter/core", "newsletter/issues/domain"):
        shutil.copytree(layer / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(layer / "newsletter/errors.py", source / "newsletter")
    shutil.copy(layer / "Makefile", source)
    for file in source.rglob("*"):
        os.utime(file, (date, date))
    (target / "python").mkdir(parents=True)
    # `true` in place of pip and of the pruning, which have nothing to do here.
    command = ["make", "-s", "build-NewsletterLayer", "PYTHON=true", f"ARTIFACTS_DIR={target}"]
    done = subprocess.run(
        command, cwd=source, check=True, capture_output=True, text=True, env={**os.environ, **environ}
    )
    return target, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def python() -> str:
    if not (path := python313()):
        pytest.skip("no Python 3.13 on this machine: a layer built here has no bytecode, and says so")
    return path


def test_a_build_at_another_place_another_day_and_with_another_seed_is_the_same_to_the_byte(
    python: str, tmp_path: Path
) -> None:
    first, _ = built(tmp_path, name="a", date=1_700_000_000, environ={"PYTHON313": python, "PYTHONHASHSEED": "1"})
    second, _ = built(
        tmp_path / "b", name="longer", date=1_780_000_000, environ={"PYTHON313": python, "PYTHONHASHSEED": "2"}
    )

    assert contents(first) == contents(second)


@pytest.fixture(scope="module")
def layer(python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("layer"), name="a", date=1_700_000_000, environ={"PYTHON313": python})[0]


def test_every_module_has_bytecode_that_is_not_checked_and_names_its_place_in_aws(layer: Path) -> None:
    sources = [file for file in layer.rglob("*.py") if file.stat().st_size]
    assert len(sources) > 40
    for source in sources:
        bytecode = (source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc").read_bytes()
        assert bytecode[:4] == MAGIC
        assert struct.unpack("<I", bytecode[4:8]) == (UNCHECKED,)
        assert str(layer).encode() not in bytecode
    assert (
        b"/opt/python/newsletter/errors.py"
        in (layer / "python/newsletter/__pycache__/errors.cpython-313.pyc").read_bytes()
    )


def test_python_313_reads_it_and_writes_nothing(python: str, layer: Path) -> None:
    before = contents(layer)
    (layer / "python/newsletter/errors.py").write_text("raise SystemExit('compiled again')")

    start = "import sys; sys.path.insert(0, 'python'); import newsletter.errors; print(newsletter.errors.__cached__)"
    said = subprocess.run([python, "-I", "-c", start], cwd=layer, check=True, capture_output=True, text=True).stdout

    assert said.strip().endswith("errors.cpython-313.pyc")
    assert contents(layer).keys() == before.keys()


def test_without_a_python_313_the_layer_is_built_and_says_what_that_costs(tmp_path: Path) -> None:
    layer, said = built(tmp_path, name="a", date=1_700_000_000, environ={"PYTHON313": ""})

    assert not list(layer.rglob("*.pyc"))
    assert "No Python 3.13 was found, so build-NewsletterLayer goes without bytecode" in said
    assert "PYTHON313=/path/to/python3.13 make build" in said
