"""The command line as a person types it, without the second of a processor that a process of its own would take."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from newsletter_cli.main import app
from newsletter_cli.start import start
from newsletter_cli.verbs import LazyCommand


@dataclass(frozen=True)
class Typed:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def typed(*arguments: str, folder: Path, environment: Mapping[str, str]) -> Typed:
    """Run a command in a folder, with nothing in its environment but what is given."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as shell, redirect_stdout(out), redirect_stderr(err):
        for name in set(os.environ) - set(environment):
            shell.delenv(name)
        for name, value in environment.items():
            shell.setenv(name, value)
        shell.chdir(folder)
        shell.setattr("sys.argv", ["newsletter", *arguments])
        shell.setattr("sys.stdin", io.StringIO())
        try:
            start()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            return Typed(code, out.getvalue(), err.getvalue())
    return Typed(0, out.getvalue(), err.getvalue())


@cache
def whole_command_line() -> Any:
    """Return the command line as Typer knows it, with all verbs imported: each in `commands` of its group."""
    return _loaded(get_command(app))


def _loaded(command: Any) -> Any:
    command = command.loaded() if isinstance(command, LazyCommand) else command
    for name, each in getattr(command, "commands", {}).items():
        command.commands[name] = _loaded(each)
    return command
