"""The rules of the house, checked where a tool's green light would not prove them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "layers/newsletter/python/newsletter"


def test_lock_files_name_versions_and_hashes_and_no_host_or_path() -> None:
    line = re.compile(
        r"^([a-z0-9._-]+(\[[a-z0-9,._-]+\])?==[^ ]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$"
    )
    files = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("layers/*/python/requirements.txt")]

    odd = [each for file in files for each in file.read_text().splitlines() if not line.match(each)]

    assert odd == []


def test_the_layer_carries_what_is_locked_with_a_botocore_of_its_own_and_no_boto3() -> None:
    layer = (ROOT / "layers/newsletter/python/requirements.txt").read_text()

    assert layer == (ROOT / "requirements/runtime.txt").read_text()
    assert "botocore==" in layer
    assert "boto3==" not in layer


def test_the_layer_of_passkeys_carries_what_is_locked_and_the_other_nothing_of_it() -> None:
    """Wherever Python finds pyOpenSSL, botocore loads it, in every function and before anything else."""
    passkeys = (ROOT / "layers/passkeys/python/requirements.txt").read_text()

    assert passkeys == (ROOT / "requirements/passkeys.txt").read_text()
    assert "\npyopenssl==" in passkeys
    for others in ("runtime", "stack", "dev"):
        assert "pyopenssl==" not in (ROOT / f"requirements/{others}.txt").read_text()


@pytest.mark.parametrize(
    ("file", "planted", "contract"),
    [
        (f"{PACKAGE}/sending/jobs/planted.py", "import boto3", "Vendors stop at the adapters"),
        (
            f"{PACKAGE}/readers/domain/planted.py",
            "import newsletter.sending.domain.books",
            "Wings stand on each other in one order",
        ),
        (
            f"{PACKAGE}/readers/domain/planted.py",
            "import newsletter.readers.jobs.greet",
            "In every wing dependencies point one way",
        ),
        (f"{PACKAGE}/sending/jobs/planted.py", "import newsletter.sending.jobs.fan_out", "A job never imports another"),
        ("functions/send/planted.py", "import functions.settle.handler", "A function never imports another"),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, file: str, planted: str, contract: str) -> None:
    for folder in (PACKAGE, "functions"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / file).write_text(planted + "\n")

    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str((tmp_path / PACKAGE).parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    broken = [line.partition(" BROKEN")[0] for line in done.stdout.splitlines() if " BROKEN" in line]
    assert (done.returncode, broken) == (1, [contract])
