"""What `make build` puts beside the code: bytecode of Lambda's Python, the same whoever builds it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import jinja2
import markupsafe
import pytest

from local.built_layer import python313
from local.process import ROOT

LAYER = ROOT / "layers/newsletter/python"

UNCHECKED = 0b01
"""PEP 552: valid by hash, and the hash is not looked at."""
MAGIC = struct.pack("<H2s", 3571, b"\r\n")
"""Of CPython 3.13, all of it."""


def test_both_layers_are_finished_in_the_same_way() -> None:
    """SAM copies each folder to a place of its own, without what lies beside it; a link becomes a file there."""
    newsletter, passkeys = (ROOT / "layers" / layer / "python/Makefile" for layer in ("newsletter", "passkeys"))
    assert passkeys.samefile(newsletter)
    assert not passkeys.readlink().is_absolute()


def built(tmp_path: Path, *, name: str, date: int, environ: Mapping[str, str]) -> tuple[Path, str]:
    """Return a layer as its own Makefile builds it, of a part of our package and of nobody else; and what it said."""
    source, target = tmp_path / f"{name}-source", tmp_path / name
    for part in ("newsletter/core", "newsletter/issues/domain"):
        shutil.copytree(LAYER / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(LAYER / "newsletter/errors.py", source / "newsletter")
    shutil.copy(LAYER / "Makefile", source)
    for file in source.rglob("*"):
        os.utime(file, (date, date))
    (target / "python").mkdir(parents=True)
    # `true` in place of pip, of the pruning and of the templates, which have nothing to do here.
    names = ["PYTHON=true", "COMPILE_TEMPLATES=true", f"ARTIFACTS_DIR={target}"]
    command = ["make", "-s", "build-NewsletterLayer", *names]
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
    assert "loading a function takes two and a half times as long" in said
    assert "PYTHON313=/path/to/python3.13 make build" in said


def compiled(python: str, tmp_path: Path, *, seed: str) -> dict[str, bytes]:
    """Return the templates as the layer's own script compiles them, in a copy of the layer with Jinja beside it."""
    site = tmp_path / "python"
    unread = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LAYER / "newsletter", site / "newsletter", ignore=unread)
    for package in (jinja2, markupsafe):
        shutil.copytree(Path(str(package.__file__)).parent, site / package.__name__, ignore=unread)
    environ = {**os.environ, "PYTHONPATH": str(site), "PYTHONHASHSEED": seed}
    subprocess.run([python, "-P", "compile_templates.py", "templates"], cwd=LAYER, check=True, env=environ)
    return contents(site / "newsletter/web/compiled")


def test_templates_are_compiled_the_same_at_another_place_and_with_another_seed(python: str, tmp_path: Path) -> None:
    first, second = (compiled(python, tmp_path / seed, seed=seed) for seed in ("1", "2"))

    assert first == second
    assert any(b"/opt/page/confirm.html" in each for each in first.values())
    assert not any(str(ROOT).encode() in each for each in first.values())


def test_the_layer_is_built_with_the_templates_that_its_own_link_leads_to() -> None:
    """SAM follows it when it copies the folder to a place of its own."""
    link = LAYER / "templates"
    assert link.samefile(ROOT / "templates")
    assert not link.readlink().is_absolute()


def make_build(tmp_path: Path, *, files: list[str]) -> str:
    """Run `make build` where SAM has built these files, with `true` in the place of SAM; return what it said."""
    for name in (*files, ".aws-sam/cache/NewsletterLayer/kept"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    command = ["make", "-s", "-f", str(ROOT / "Makefile"), "-o", ".venv-sam/.sam", "build", "SAM=true"]
    return str(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout)


def test_a_build_without_bytecode_says_what_that_costs_and_is_not_taken_out_of_the_cache_the_next_time(
    tmp_path: Path,
) -> None:
    said = make_build(tmp_path, files=[".aws-sam/build/NewsletterLayer/python/a.py"])

    assert "loading a function takes two and a half times as long" in said
    assert "PYTHON313=/path/to/python3.13 make build" in said
    assert not (tmp_path / ".aws-sam/cache").exists()


def test_a_build_with_bytecode_says_nothing_and_is_kept(tmp_path: Path) -> None:
    said = make_build(tmp_path, files=[".aws-sam/build/NewsletterLayer/python/__pycache__/a.cpython-313.pyc"])

    assert said == ""
    assert (tmp_path / ".aws-sam/cache/NewsletterLayer/kept").exists()
