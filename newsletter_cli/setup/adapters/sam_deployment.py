"""Deploying by `make deploy`, which builds and runs the SAM CLI, while CloudFormation's events show how far it is."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsletter_cli.problems import CommandError
from newsletter_cli.setup.adapters.checkout import ROOT
from newsletter_cli.setup.adapters.cloudformation_stack import CloudFormationStack
from newsletter_cli.setup.ports import Progress

LAST_WORDS = 12
"""Lines of the log that a failure brings."""


class SamDeployment(CloudFormationStack):
    """The stack in an account, and the program that deploys it."""

    def __init__(self, cloudformation: Any, dynamodb: Any, stack_name: str, folder: Path) -> None:
        super().__init__(cloudformation, dynamodb, stack_name)
        self._log = folder / f"{stack_name}.log"
        self._program: subprocess.Popen[bytes] | None = None

    def start(self, chosen: Mapping[str, str]) -> None:
        """Begin to build and deploy; the parameters are in the settings file already.

        The program ends with us on Ctrl-C. What it began in CloudFormation goes on, and is followed the next time.

        Raises:
            CommandError: There is no make on this machine.
        """
        self._chosen = chosen
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as output:
            self._program = subprocess.Popen(
                self._command(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def wait(self) -> None:
        """Wait until the program has ended."""
        if self._program:
            self._program.wait()

    def progress(self) -> Progress:
        """Return how far it is; while nothing is in CloudFormation yet, the last line of the program."""
        code = self._program.poll() if self._program else 0
        at = super().progress()
        if code is None:
            under_way = at.status.endswith("_IN_PROGRESS") and at.status != "REVIEW_IN_PROGRESS"
            latest = at.latest if under_way else (self._last_lines() or ["building"])[-1]
            done = at.done if under_way else 0
            return replace(at, done=done, total=max(at.total, self._expected()), latest=latest[:60], working=True)
        if code:
            said = at.failures or tuple(self._last_lines())
            return replace(at, failed=True, failures=(*said, f"(all of it is in {self._log})"))
        return at

    def _command(self) -> list[str]:
        make = shutil.which("make")
        if make is None:
            raise CommandError("Deploying needs make, which is not on PATH.")
        return [make, "--no-print-directory", "deploy", f"STACK={self._stack_name}"]

    def _last_lines(self) -> list[str]:
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        return [line.strip() for line in lines if line.strip()][-LAST_WORDS:]
