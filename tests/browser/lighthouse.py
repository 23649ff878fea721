"""Lighthouse, which Google's PageSpeed uses, on a page that only somebody signed in may see."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ARGUMENTS

CLI = Path(__file__).parents[2] / ".venv" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
"""Where `make` installs what requirements/lighthouse names."""

ENOUGH = 0.95
PHONES = ((1500, 4), (800, 2), (0, 1))
"""How much slower than this machine a usual phone is, by the index that Lighthouse measures of the machine.

Source: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md#calibrating-the-cpu-slowdown
"""

SLOWEST = 125
"""An index below which a machine is slower than any phone that is sold."""

BESIDE_OTHERS = "PYTEST_XDIST_WORKER" in os.environ
"""Whether other tests run at this moment, in which case nobody can say how fast a page is."""

TRIES = 4
"""A machine that is busy for a moment makes a page look slow, and none makes it look fast."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What Lighthouse said of one page."""

    scores: dict[str, float]
    """By category, of one."""
    loaded: int
    """Bytes over the wire."""
    machine: float
    """The index of the machine's speed; a laptop that does nothing else has 1,500 and more."""
    faults: tuple[str, ...]
    """The audits that a page did not pass."""


def judge(url: str, cookies: str, folder: Path) -> Judgement:
    """Return what Lighthouse says of a page as a phone with a slow connection has it; the best of a few runs."""
    if not CLI.exists() or shutil.which("node") is None:
        pytest.skip("Lighthouse is not here; it comes from npm, by `make .venv/lighthouse/.npm`")
    best, slowdown, trouble = None, PHONES[-1][1], ""
    for tries_left in reversed(range(TRIES)):
        try:
            told = _run(url, cookies, folder, slowdown=slowdown)
        except subprocess.CalledProcessError as broken_off:  # it could not follow the page, on a machine that is busy
            trouble = broken_off.stderr[-1000:]
            continue
        needed = next(factor for index, factor in PHONES if told.machine >= index)
        if needed > slowdown and tries_left and not BESIDE_OTHERS:  # so quick a machine is no phone
            slowdown = needed
            continue
        best = max(best or told, told, key=lambda each: each.scores["performance"])
        if best.scores["performance"] >= ENOUGH or BESIDE_OTHERS:
            break
    if best is None and BESIDE_OTHERS:
        pytest.skip(f"this machine is too busy for Lighthouse: {trouble}")
    assert best is not None, trouble
    return best


def _run(url: str, cookies: str, folder: Path, *, slowdown: int) -> Judgement:
    written = folder / "lighthouse.json"
    command = [
        "node", str(CLI), url, "--quiet", "--output=json", f"--output-path={written}", "--no-enable-error-reporting",
        "--disable-full-page-screenshot", f"--throttling.cpuSlowdownMultiplier={slowdown}",
        f"--chrome-flags=--headless=new {' '.join(ARGUMENTS[:-1])}",
        # A private page is not to be found by anybody: that it says so is no fault of it.
        "--skip-audits=is-crawlable",
        f"--extra-headers={json.dumps({'Cookie': cookies})}",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": shutil.which("chromium") or "", "HOME": str(folder)}
    subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env=environment)  # noqa: S603
    report: dict[str, Any] = json.loads(written.read_text("utf-8"))
    requests = report["audits"]["network-requests"]["details"]["items"]
    return Judgement(
        scores={name: each["score"] for name, each in report["categories"].items()},
        loaded=sum(each["transferSize"] for each in requests),
        machine=report["environment"]["benchmarkIndex"],
        faults=tuple(_faults(report)),
    )


def _faults(report: dict[str, Any]) -> list[str]:
    return [
        f"{category}: {audit['title']} {audit.get('displayValue', '')}".strip()
        for category, each in report["categories"].items()
        for audit in (report["audits"][reference["id"]] for reference in each["auditRefs"] if reference["weight"])
        if audit["score"] is not None and audit["score"] < ENOUGH
    ]
