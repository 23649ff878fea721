"""The layers as `sam build` makes them, on this machine: with all they depend on, pruned and compiled."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from local.process import ROOT

LAYERS = {"newsletter": "build-NewsletterLayer", "passkeys": "build-PasskeysLayer"}
"""Folders below `layers/`, and the rule of each one's Makefile."""


def python313() -> str:
    """Return the Python that makes bytecode for Lambda, as the layers' Makefiles look for it; empty without one."""
    rules = ROOT / "layers/newsletter/python/Makefile"
    show = ["make", "-s", "-f", str(rules), "--eval", "show:\n\t@echo $(PYTHON313)", "show"]
    done = subprocess.run([*show, f"PYTHON={sys.executable}"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def build(opt: Path, processor: str) -> None:
    """Build what lies in `/opt` when a function starts, but for the templates.

    Args:
        opt: The folder that stands for `/opt`.
        processor: `aarch64`, which functions run on, or that of this machine, which can run it.

    Raises:
        CalledProcessError: A build failed; what it said went to standard error. pip asks the package index.
    """
    for layer, rule in LAYERS.items():
        with TemporaryDirectory() as built:
            command = ["make", "-s", "-C", str(ROOT / "layers" / layer / "python"), rule]
            names = [f"PYTHON={sys.executable}", f"PROCESSOR={processor}", f"ARTIFACTS_DIR={built}"]
            subprocess.run([*command, *names], check=True, stdout=subprocess.DEVNULL)
            shutil.copytree(built, opt, dirs_exist_ok=True)
