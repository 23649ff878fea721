"""Workers of a stack share one copy of what was deployed."""

import zipfile
from pathlib import Path

import pytest

from local.unpack import SharedArchive


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def archive(path: Path, text: str) -> str:
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("package/module.py", text)
    return str(path)


def unpacked(file: str, folder: Path) -> Path:
    folder.mkdir()
    with SharedArchive(file) as opened:
        opened.namelist()
        opened.extractall(str(folder))
    return folder / "package" / "module.py"


def test_two_workers_read_one_copy(tmp_path: Path) -> None:
    file = archive(tmp_path / "code.zip", "x = 1")

    one, other = (unpacked(file, tmp_path / name) for name in ("one", "other"))

    assert one.read_text() == other.read_text() == "x = 1"
    assert one.samefile(other)


def test_another_version_is_another_copy_and_the_first_stays(tmp_path: Path) -> None:
    one = unpacked(archive(tmp_path / "code.zip", "x = 1"), tmp_path / "one")
    other = unpacked(archive(tmp_path / "code.zip", "x = 2"), tmp_path / "other")

    assert (one.read_text(), other.read_text()) == ("x = 1", "x = 2")


def test_names_are_looked_at_before_anything_is_unpacked(tmp_path: Path) -> None:
    file = archive(tmp_path / "code.zip", "x = 1")

    with SharedArchive(file) as opened:
        assert opened.namelist() == ["package/module.py"]
    unpacked(file, tmp_path / "one")
    with SharedArchive(file) as opened:
        assert opened.namelist() == []
