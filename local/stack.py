"""The laptop stack as one thing: `python -m local.stack` starts it, Ctrl-C stops it.

Emulator, simulator and front door are child processes on loopback with ports of their own; the real
template.yaml is deployed between them. When the stack is up, `stack.json` in its home folder says where
everything is (the file is a contract, see docs/data.md); when it stops, the file goes with it.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from local.claim import HomeTakenError, claim
from local.deploy import DeployFailedError, deploy
from local.emulator import REGION, Emulator, aws_client
from local.front_door import HEALTH
from local.logs import LogTail
from local.process import (
    LOOPBACK,
    ROOT,
    Part,
    PartFailedError,
    answers,
    clean_environment,
    forget_account,
    free_port,
)
from local.reload import Reloader, Watch
from newsletter_cli.resources import Resources

HOME = ROOT / ".local"
"""Where a stack keeps its logs, its temporary files and stack.json, unless told otherwise."""

NAMED = 5
"""Files that are named when changes are taken over; another branch changes hundreds."""

PROBLEMS = (PartFailedError, DeployFailedError, HomeTakenError, BotoCoreError, ClientError)
"""What can go wrong with a stack, apart from our own mistakes."""


class Stack:
    """A running stack and where its parts are."""

    def __init__(self, home: Path) -> None:
        self.home = home
        ports = {name: free_port() for name in ("emulator", "simulator", "front_door")}
        self._simulator_url = f"http://{LOOPBACK}:{ports['simulator']}"
        self._url = f"http://{LOOPBACK}:{ports['front_door']}"
        self._ports = ports
        self._emulator = Emulator(port=ports["emulator"], ses_endpoint=self._simulator_url, home=home)
        self._simulator = Part(
            "The SES simulator",
            "local.simulator",
            ["--port", str(ports["simulator"]), "--aws-endpoint", self._emulator.endpoint, "--region", REGION],
            home / "logs" / "simulator.log",
        )
        self._front_door: Part | None = None
        self._logs: LogTail | None = None
        self._watch = Watch(ROOT)
        self._reloader: Reloader | None = None

    def start(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Start every part, deploy, write stack.json and return what it says.

        Args:
            parameters: Parameters of the template that differ from those of a laptop.
        """
        self.open_account()
        return self.deploy(parameters)

    def open_account(self) -> dict[str, Any]:
        """Start the emulator and the simulator, and return where they are."""
        self._simulator.start(clean_environment(self.home / "tmp"))
        self._emulator.start()
        # The simulator asks the deployed configuration sets where events go, so it only has to run by now.
        self._simulator.wait_until(lambda: answers(f"{self._simulator_url}/_simulator/stats"), seconds=20)
        return {"aws_endpoint": self._emulator.endpoint, "ses_endpoint": self._simulator_url, "region": REGION}

    def deploy(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Deploy into the account, start the front door, write stack.json and return what it says."""
        deployment = deploy(self._emulator.endpoint, ROOT, {**laptop_parameters(self._url), **parameters})
        api_url = f"{self._emulator.endpoint}/_aws/execute-api/{deployment.api_id}/$default"
        self._front_door = Part(
            "The front door",
            "local.front_door",
            ["--port", str(self._ports["front_door"]), "--api-url", api_url]
            + ["--inbox-origin", self._simulator_url, "--aws-endpoint", self._emulator.endpoint]
            + ["--site-bucket", deployment.site_bucket],
            self.home / "logs" / "front_door.log",
        )
        self._front_door.start(clean_environment(self.home / "tmp"))
        self._logs = LogTail(self._emulator.endpoint, deployment.functions, self.home / "logs")
        self._logs.start()
        self._front_door.wait_until(lambda: answers(self._url + HEALTH), seconds=20)
        self._write_the_archive(deployment)
        lambda_client, sqs_client = (self._client(service) for service in ("lambda", "sqs"))
        self._reloader = Reloader(ROOT, lambda_client, sqs_client, deployment.functions, deployment.queues["publish"])
        description = self._description(deployment, api_url)
        # Written in one step: whoever waits for the file must never read half of it.
        unfinished = self.home / "stack.json.new"
        unfinished.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(self.home / "stack.json")
        return description

    def stop(self) -> None:
        """Stop every part and remove what only a running stack needs."""
        (self.home / "stack.json").unlink(missing_ok=True)
        if self._logs is not None:
            self._logs.stop()
        for part in (self._front_door, self._simulator, self._emulator.part):
            if part is not None:
                part.stop()
        shutil.rmtree(self.home / "tmp", ignore_errors=True)

    def check(self) -> None:
        """Raise if a part has ended.

        Raises:
            PartFailedError: With the name of the part and where its output is.
        """
        for part in (self._emulator.part, self._simulator, self._front_door):
            if part is not None and not part.is_running():
                raise PartFailedError(f"{part.name} ended unexpectedly; its last words are in {part.log}")

    def take_over_changes(self) -> list[Path]:
        """Bring what was changed in the checkout since the last time into the stack; return which files that were."""
        changed = self._watch.changed()
        if changed and self._reloader is not None:
            self._reloader.take_over(changed)
        return changed

    def _write_the_archive(self, deployment: Resources) -> None:
        """Ask for the empty archive, as a clock does in AWS; the emulator's first tick is an hour away."""
        sqs = self._client("sqs")
        sqs.send_message(QueueUrl=deployment.queues["publish"], MessageBody=json.dumps({"refresh": "archive"}))
        deadline = time.monotonic() + 30
        while not answers(self._url + "/"):
            self.check()
            if time.monotonic() > deadline:
                raise PartFailedError(
                    f"the archive was not written within 30 s; see {self.home / 'logs' / 'publish.log'}"
                )
            time.sleep(0.1)

    def _client(self, service: Any) -> Any:
        return aws_client(service, self._emulator.endpoint)

    def _description(self, deployment: Resources, api_url: str) -> dict[str, Any]:
        return {
            "url": self._url,
            "api_url": api_url,
            "inbox_url": f"{self._url}/inbox",
            "aws_endpoint": self._emulator.endpoint,
            "ses_endpoint": self._simulator_url,
            "region": REGION,
            "content_bucket": deployment.content_bucket,
            "site_bucket": deployment.site_bucket,
            "tables": deployment.tables,
            "queues": deployment.queues,
            "functions": deployment.functions,
        }


def laptop_parameters(url: str) -> dict[str, str]:
    """Return the template parameters that make sense on a laptop only."""
    return {
        "PublicUrl": url,
        "EnableCloudFront": "false",  # the front door stands in for it
        "CreateSenderIdentity": "false",  # there is no DNS in which to publish DKIM keys
        "InboundDomain": "leave.example.org",  # the simulator receives mail for it
        "AskUseful": "on",
        "CountReplies": "on",
        "TemplatesDir": str(ROOT / "templates"),  # the emulator does not unpack layers at /opt
        "UnknownGraceSeconds": "60",  # evidence takes seconds when thousands of events queue for two processors
        "SettleEverySeconds": "1",
        "SendConcurrency": "2",  # a worker is a process here, and a laptop has few processors
        "LateAfterHours": "100000",  # slots are fired by hand here, also those of last year
        "SendNowDelayMinutes": "0",  # who tries things out holds nothing back from themselves
        "GatherSeconds": "1",  # the files of an upload reach an emulator on the same machine at once
        "SlowLaneSeconds": "0",  # nobody watching a demo wants to wait, and its readers have no browser to work with
        "SignUpsPerNetwork": "100000",  # every reader of a demo or a test has the same address
        "ConfirmationsPerHour": "100000",
        "Webhooks": "on",  # to be tried: a program on this machine can be told too
        "CheckMailDomains": "off",  # its readers live at example.org, which takes no mail, and it may be offline
    }


@contextlib.contextmanager
def running(home: Path = HOME, parameters: Mapping[str, str] | None = None) -> Iterator[tuple[Stack, dict[str, Any]]]:
    """Run a stack in `home` for the length of a `with` block; yield it and what its stack.json says.

    Raises:
        PartFailedError, DeployFailedError, HomeTakenError: It could not be started; nothing is left running.
    """
    with claim(home) as replaced:
        if replaced is not None:
            print(f"Replaced the stack that was running as process {replaced}.", flush=True)
        shutil.rmtree(home / "logs", ignore_errors=True)
        shutil.rmtree(home / "tmp", ignore_errors=True)
        stack = Stack(home)
        try:
            yield stack, stack.start(parameters or {})
        finally:
            stack.stop()


def end_on_signals() -> None:
    """Turn the polite signals into an exception, so that every `with` block gets to clean up."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)  # cleaning up takes a moment; impatience must not cut it short
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)


def stay(stack: Stack) -> NoReturn:
    """Stay until a signal ends us, or a part of the stack ends; what is edited meanwhile is taken over."""
    while True:
        stack.check()
        if changed := stack.take_over_changes():
            print(f"Taken over: {', '.join(str(path) for path in changed[:NAMED])}", flush=True)
        time.sleep(1)


def main() -> int:
    """Start the stack, print where it is, and stay until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local.stack", description="Run the laptop stack until Ctrl-C.")
    parser.add_argument("--home", type=Path, default=HOME, help="folder for logs and stack.json (default: .local)")
    given = parser.parse_args()
    forget_account()
    end_on_signals()
    started = time.monotonic()
    try:
        with running(given.home) as (stack, where):
            print(f"Up after {time.monotonic() - started:.1f} s, described in {given.home / 'stack.json'}")
            print(f"Archive {where['url']}/   inbox {where['inbox_url']}   Ctrl-C stops it.", flush=True)
            stay(stack)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    except PROBLEMS as problem:
        print(f"The stack failed: {problem}", file=sys.stderr)
        return 1
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
