"""Where the judges are on this machine; a judge that is not is skipped by name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".venv" / "judges"
"""Where `make` unpacks what requirements/judges.sha512 names."""

PINNED = ROOT / "requirements" / "judges.sha512"


def version_of(package: str) -> str:
    """Return the version of a package of npm that is pinned."""
    found = re.search(rf"  {re.escape(package)}-([0-9.]+)\.tgz$", PINNED.read_text(), re.MULTILINE)
    assert found, f"{package} is not in {PINNED.name}"
    return found[1]


def program(name: str, package: str) -> str:
    """Return the path of a program, or skip the test where Debian's package is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"there is no {name} on this machine (on Debian and Ubuntu: apt install {package})")
    return path


def unpacked(package: str, file: str) -> Path:
    """Return a file of a package of npm, or skip the test where it could not be fetched."""
    path = NPM / f"{package}-{version_of(package)}" / "package" / file
    if not path.exists():
        pytest.skip(f"{package} is not here; it comes from npm, by `make .venv/judges/.npm`")
    return path
