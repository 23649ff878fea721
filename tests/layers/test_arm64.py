"""The built layer on Lambda's processor: an arm64 Python 3.13, emulated, imports every function. `make arm64` runs it.

Python comes as a few packages of Debian and the emulator as one more, unpacked below `.local/arm64`, without root and
without installing anything. They stay there, so only the first run fetches them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.built_layer import build, python313
from local.process import ROOT

pytestmark = pytest.mark.skipif(not os.environ.get("ARM64"), reason="takes some two minutes: make arm64")

KEPT = ROOT / ".local/arm64"
RELEASE = "trixie"
"""Debian's release with Python 3.13."""
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PACKAGES = ("python3.13-minimal", "libpython3.13-stdlib")
EMULATOR = "qemu-user-static"

EVERYTHING = """
import importlib, importlib.machinery, json, platform, sys, time
sys.path[:0] = ["/var/task", "/opt/python"]
compiled = []
compile_source = importlib.machinery.SourceFileLoader.source_to_code
def noted(self, data, path, **more):
    compiled.append(path)
    return compile_source(self, data, path, **more)
importlib.machinery.SourceFileLoader.source_to_code = noted
loaded = []
for name in json.loads(sys.argv[1]):
    importlib.import_module(f"functions.{name}.handler")
    loaded.append(name)
from newsletter.desk.adapters import webauthn_ceremonies
import botocore, css_inline, nh3, yaml
from botocore.session import get_session
from io import BytesIO
from markupsafe import _speedups
from PIL import Image
picture = BytesIO()
Image.new("RGB", (8, 8), "red").save(picture, "WEBP")
print(json.dumps({
    "machine": platform.machine(),
    "python": list(sys.version_info[:2]),
    "loaded": loaded,
    "compiled": compiled,
    "passkeys": webauthn_ceremonies._library().__file__,
    "botocore": botocore.__file__,
    "host": get_session().create_client("sesv2", region_name="eu-west-1").meta.endpoint_url,
    "cleaned": nh3.clean("<p>a<script>b</script></p>"),
    "inlined": "color: red" in css_inline.inline("<style>p {color: red}</style><p>a</p>"),
    "yaml": yaml.load("a: 1", Loader=yaml.CSafeLoader),
    "picture": picture.getvalue()[8:12].decode(),
}))
"""
"""All functions in one process, since starting one takes seconds there; and a use of each library that is compiled."""


def debian(*arguments: str, folder: Path) -> None:
    """Run apt-get of this machine for another release and processor, with all it keeps in a folder of its own."""
    options = {
        "Dir::Etc": folder / "etc",
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "state/status",
        "Dir::Cache": folder / "cache",
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items()), *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


def fetch_python(root: Path) -> None:
    folder = root.with_name("apt")
    for each in ("etc/preferences.d", "etc/apt.conf.d", "state/lists/partial", "cache/archives/partial"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    (folder / "state/status").touch()
    # From wherever this machine has its own packages.
    asked = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI) $(CODENAME)",
        "Created-By: Packages",
        "Component: main",
    ]
    listed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split("\n")
    sources = [line.split()[0] for line in listed if line and "security" not in line and "-" not in line.split()[1]]
    (folder / "etc/sources.list").write_text(f"deb [signed-by={KEYS}] {sources[0]} {RELEASE} main\n")
    debian("update", folder=folder)
    debian("install", "--yes", "--no-install-recommends", "--download-only", *PACKAGES, folder=folder)
    root.mkdir()
    (root / "lib").symlink_to("usr/lib")
    for package in sorted((folder / "cache/archives").glob("*.deb")):
        unpack(package, root)
    if (
        python := python313()
    ):  # Debian's packages have no bytecode, and the emulator would compile for a minute each time
        library = str(root / "usr/lib/python3.13")
        subprocess.run([python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", library], check=True)


def fetch_emulator(folder: Path) -> None:
    folder.mkdir()
    download = ["apt-get", "download", "-qq", EMULATOR]
    subprocess.run(download, check=True, cwd=folder, capture_output=True)
    unpack(next(folder.glob("*.deb")), folder)
    # One of some forty; the package has others for other processors.
    found = sorted((folder / "usr/bin").glob("qemu-aarch64*"), key=lambda path: "_be" in path.name)
    found[0].rename(folder / "qemu-aarch64")
    for rest in folder.iterdir():
        if rest.is_dir():
            shutil.rmtree(rest)
        elif rest.suffix == ".deb":
            rest.unlink()


def unpack(package: Path, folder: Path) -> None:
    command = ["dpkg-deb", "-x", str(package), str(folder)]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
def emulated() -> list[str]:
    """How a Python 3.13 for arm64 is called here, with `root` as what it sees first."""
    root, emulator = KEPT / "root", KEPT / "qemu"
    KEPT.mkdir(parents=True, exist_ok=True)
    for folder, fetch in ((root, fetch_python), (emulator, fetch_emulator)):
        if not folder.exists():
            try:
                fetch(folder)
            except (OSError, LookupError, subprocess.CalledProcessError) as failed:
                shutil.rmtree(folder, ignore_errors=True)
                pytest.skip(f"this machine cannot fetch Debian's {RELEASE} for arm64 or {EMULATOR}: {failed}")
    return [str(emulator / "qemu-aarch64"), "-L", str(root), str(root / "usr/bin/python3.13")]


@pytest.fixture(scope="module")
def said(emulated: list[str]) -> dict[str, Any]:
    root = KEPT / "root"
    for folder in ("opt", "var/task"):
        shutil.rmtree(root / folder, ignore_errors=True)
    build(root / "opt", "aarch64")
    shutil.copytree(ROOT / "functions", root / "var/task/functions", ignore=shutil.ignore_patterns("__pycache__"))
    command = [*emulated, "-I", "-S", "-B", "-c", EVERYTHING, json.dumps(names())]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def names() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def test_every_function_loads_on_lambdas_processor_and_python(said: dict[str, Any]) -> None:
    assert (said["machine"], said["python"]) == ("aarch64", [3, 13])
    assert said["loaded"] == names()


def test_libraries_that_are_compiled_for_it_work(said: dict[str, Any]) -> None:
    assert said["cleaned"] == "<p>a</p>"
    assert said["inlined"]
    assert said["yaml"] == {"a": 1}
    assert said["picture"] == "WEBP"
    assert said["passkeys"].startswith("/opt/python/passkeys/")


def test_botocore_is_ours_and_knows_the_way_to_ses(said: dict[str, Any]) -> None:
    assert said["botocore"] == "/opt/python/botocore/__init__.py"
    assert said["host"] == "https://email.eu-west-1.amazonaws.com"


def test_nothing_of_a_layer_is_compiled_at_the_start(said: dict[str, Any]) -> None:
    if not python313():
        pytest.skip("no Python 3.13 on this machine: a layer built here has no bytecode, and says so")
    assert [path for path in said["compiled"] if path.startswith("/opt/")] == []
    assert any(path.startswith("/var/task/") for path in said["compiled"])


def test_all_layers_together_are_far_below_what_lambda_unpacks(said: dict[str, Any]) -> None:
    """250 MB with the function. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    folders = (KEPT / "root/opt", ROOT / "templates")
    size = sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())

    assert 10_000_000 < size < 125_000_000
