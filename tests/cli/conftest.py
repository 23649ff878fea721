"""The command line on a stack within the test: real verbs, real `control`, AWS in the process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from functions.control.handler import lambda_handler as control
from functions.publish.handler import lambda_handler as publish
from functions.sign_in.handler import lambda_handler as sign_in
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import time_zone
from newsletter.errors import NewsletterError
from newsletter_cli.backend import Backend
from newsletter_cli.issue_names import slug_of
from newsletter_cli.main import app
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.core.fakes import VirtualClock
from tests.functions.conftest import Deployment, LambdaContext, deployed, load
from tests.moto_aws import REGION

CONTEXT: Any = LambdaContext()
RESOURCES = Resources("", "content", "site", {}, {}, {"control": "control", "sign_in": "sign_in"})


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
        """The answer as one line: where it wraps depends on the terminal."""
        return " ".join(self.out.split())


Command = Callable[..., Said]


class Lambda:
    """Lambda's API, as far as a command knows it, in front of a handler."""

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        function = {"control": control, "sign_in": sign_in}[FunctionName]
        return {"Payload": io.BytesIO(json.dumps(function(json.loads(Payload), CONTEXT)).encode())}


@dataclass
class WorkingClock(VirtualClock):
    """While a command waits, the stack works: every issue in the bucket is published."""

    def __post_init__(self) -> None:
        super().__init__()

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        for slug in {slug_of(key) for key in _keys() if key.endswith(".md")}:
            event = load("publish/look_again")
            event["Records"][0]["body"] = json.dumps({"publish": slug})
            assert publish(event, CONTEXT) == {"batchItemFailures": []}


def _keys() -> list[str]:
    client: Any = boto3.client("s3", region_name=REGION)
    return [each["Key"] for each in client.list_objects_v2(Bucket="content", Prefix="issues/").get("Contents", [])]


@dataclass(frozen=True)
class StackInProcess(Stack):
    """A stack of which only Lambda is not moto's."""

    asked: list[str] = field(default_factory=list)

    def client(self, service: Any, config: Any = None) -> Any:
        return Lambda() if service == "lambda" else self.session.client(service)

    def control(self, action: str, **wish: Any) -> dict[str, Any]:
        self.asked.append(action)
        return super().control(action, **wish)


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as deployment:
        tomorrow = deployment.now().date() + timedelta(days=1)
        deployment.app.rhythm = Rhythm(anchor=tomorrow, time_zone=time_zone("Europe/London"))
        yield deployment


@pytest.fixture
def stack(deployment: Deployment) -> StackInProcess:
    session = boto3.Session(region_name=REGION)
    return StackInProcess("in-process", session, RESOURCES, "https://briefing.example.org", clock=WorkingClock())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NEWSLETTER_STACK", raising=False)
    return tmp_path


@pytest.fixture
def newsletter(desk: Path) -> Command:
    """Run a command without a stack, or with the one that is given."""

    def run(*arguments: str | Path, stack: Backend | None = None, answer: str | None = None) -> Said:
        result = CliRunner().invoke(app, [str(each) for each in arguments], obj=stack, input=answer)
        if isinstance(result.exception, CommandError | NewsletterError):
            code = 2 if isinstance(result.exception, UsageError) else 1
            return Said(code, result.stdout, f"{result.stderr}{result.exception}")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return run
