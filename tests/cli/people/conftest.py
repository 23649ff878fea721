"""The verbs of this group on a stack within the test: real adapters, AWS in the process, SES on a loopback port."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from newsletter.errors import NewsletterError
from newsletter.wiring import App
from newsletter_cli.main import app as command_line
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.core.fakes import VirtualClock
from tests.functions.conftest import Deployment, deployed
from tests.moto_aws import REGION

EXPORTS = Path(__file__).parent.parent / "exports"


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """Both answers as one line: where they wrap depends on the terminal."""
        return " ".join(f"{self.out} {self.err}".split())


Command = Callable[..., Said]


class StackInProcess(Stack):
    """A stack whose ports are given."""

    def __init__(self, app: App) -> None:
        super().__init__("in-process", boto3.Session(region_name=REGION), Resources("", "", "", {}, {}, {}), "")
        self.__dict__["app"] = app


class OneAtATime:
    """A client in front of moto, which copies its tables for every transaction and must not be disturbed meanwhile."""

    def __init__(self, client: Any, lock: RLock) -> None:
        self._client = client
        self._lock = lock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name == "get_paginator" or not callable(found):
            return found

        def call(**wish: Any) -> Any:
            with self._lock:
                return found(**wish)

        return call


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setenv("COLUMNS", "80")
    lock = RLock()

    def make_client(service: Any, config: Any = None) -> Any:
        return OneAtATime(boto3.client(service, config=config), lock)

    with deployed(monkeypatch) as deployment:
        deployment.app = App(deployment.app.settings, make_client=make_client)
        deployment.app.clock = VirtualClock()  # type: ignore[assignment] # as good a clock as any
        yield deployment


@pytest.fixture
def list_app(deployment: Deployment) -> App:
    return deployment.app


@pytest.fixture
def newsletter(deployment: Deployment) -> Command:
    """Run a verb on the stack of the test."""
    return runner(StackInProcess(deployment.app))


def runner(stack: Stack) -> Command:
    def run(*arguments: str | Path, answer: str | None = None) -> Said:
        result = CliRunner().invoke(command_line, [str(each) for each in arguments], obj=stack, input=answer)
        if isinstance(result.exception, (CommandError, NewsletterError)):
            code = 2 if isinstance(result.exception, UsageError) else 1
            return Said(code, result.stdout, f"{result.stderr}{result.exception}")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return run
