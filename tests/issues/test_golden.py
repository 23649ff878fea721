import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.issues.domain.site import ShownIssue
from tests.issues.rendering_samples import ARCHIVE, ROOT, received, sample

GOLDEN = ROOT / "tests" / "golden"


def outputs() -> dict[str, bytes]:
    issue = sample()
    subject, html, text = received(issue, name="Amina")
    files = {file.path: file.body for file in ARCHIVE.archive([ArchiveEntry.of(issue)], [ShownIssue(issue)], [2026])}
    return {
        "mail.subject.txt": subject.encode(),
        "mail.html": html.encode(),
        "mail.txt": text.encode(),
        "page.html": ARCHIVE.issue_page(ShownIssue(issue)).body,
        **{name: files[name] for name in ("index.html", "feed.atom", "feed.rss", "feed.json", "sitemap.xml")},
    }


@pytest.mark.parametrize("name", sorted(outputs()))
def test_the_sample_becomes_what_it_became_before(name: str) -> None:
    made = outputs()[name]
    path: Path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(made)

    assert made.decode() == path.read_text("utf-8"), "see tests/golden/README.md"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_makes_the_same_bytes_whatever_order_its_sets_have(seed: str) -> None:
    script = "from tests.issues.test_golden import fingerprint; print(fingerprint())"
    other = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )

    assert other.stdout.strip() == fingerprint()


def fingerprint() -> str:
    """Return one word for everything that is made of the sample, its pictures included."""
    return hashlib.sha256(repr((sample().content_hash, sorted(outputs().items()))).encode()).hexdigest()
