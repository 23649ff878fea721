"""The laptop as an account: emulator and SES simulator in a process that outlives an interrupted setup."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from boto3 import Session

from newsletter_cli.aws_clients import ON_THIS_MACHINE
from newsletter_cli.problems import CommandError
from newsletter_cli.setup.adapters.checkout import ROOT
from newsletter_cli.setup.adapters.cloudformation_stack import CloudFormationStack
from newsletter_cli.setup.adapters.route53_zones import Route53Zones
from newsletter_cli.setup.adapters.ses_senders import SesSenders
from newsletter_cli.setup.ports import Certificate, Identity, Progress, SendingState

STACK = "fortnightly-laptop"
"""What the laptop's deployer calls it, see local/deploy.py."""

PATIENCE = 120.0
"""Seconds for emulator and simulator to start."""

ARN = "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"


class LaptopAccount:
    """Starts the account, or finds the one that runs; `home` is the folder `.local`."""

    def __init__(self, home: Path) -> None:
        self._home, self.where = home, dict[str, Any]()
        self.is_new = False
        self.region = ""

    def open(self) -> None:
        """Start the account unless one runs that setup started.

        Raises:
            CommandError: It does not start.
        """
        if not self.is_running():
            self._start()
        self.region = str(self.where["region"])

    def is_running(self) -> bool:
        """Return whether an account that setup started runs here, and read where it is."""
        try:
            found = json.loads((self._home / "account.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if not _answers(f"{found['ses_endpoint']}/_simulator/stats"):
            return False
        self.where = found
        return True

    def end(self) -> None:
        """End the account, with everything in it."""
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(self.where["process"]), signal.SIGTERM)

    def client(self, service: Any) -> Any:
        """Return a client; the emulator takes any credentials."""
        session = Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=self.region)  # noqa: S106
        endpoint = self.where["ses_endpoint" if service == "sesv2" else "aws_endpoint"]
        return session.client(service, endpoint_url=endpoint, config=ON_THIS_MACHINE)

    def number(self) -> str:
        """Return the number of the emulator's account."""
        return f"{self.client('sts').get_caller_identity()['Account']} on this machine"

    def refusal(self) -> str:
        """Return nothing: it has what it needs."""
        return ""

    def sending_state(self) -> SendingState:
        """Return how the simulator stands to the account."""
        found = self.client("sesv2").get_account()
        return SendingState(
            production=found["ProductionAccessEnabled"], review="", case="", sending=found["SendingEnabled"],
            enforcement=found["EnforcementStatus"],
        )  # fmt: skip

    def alarm_count(self) -> int:
        """Return none: nothing else is in this account."""
        return 0

    def stacks_sending_for(self, domain: str) -> Sequence[str]:  # noqa: ARG002
        """Return none."""
        return ()

    def distribution_at(self, domain: str) -> str:  # noqa: ARG002
        """Return none: a front door stands in for CloudFront."""
        return ""

    def concurrency(self) -> int:
        """Return as many as an account usually has; the machine decides how many there really are."""
        return 1_000

    def concurrency_is_asked_for(self) -> bool:
        """Return that nobody was asked."""
        return False

    def ask_for_concurrency(self, wanted: int) -> str:  # noqa: ARG002
        """Return that there is nobody to ask."""
        return "A laptop runs as many functions as it can."

    def _start(self) -> None:
        for left in ("account.json", "parameters.json", "stack.json"):
            (self._home / left).unlink(missing_ok=True)
        self._home.mkdir(parents=True, exist_ok=True)
        log = self._home / "account.log"
        with log.open("wb") as output:
            program = subprocess.Popen(
                [sys.executable, "-m", "local.account", "--home", str(self._home)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for setup alone
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self.is_running():
            if program.poll() is not None or time.monotonic() > deadline:
                raise CommandError(f"The account on this machine does not start; {log} says why.")
            time.sleep(0.1)
        self.is_new = True


class LaptopSenders(SesSenders):
    """Identities in the simulator's account, which knows of no MAIL FROM domain."""

    def find(self, identity: str) -> Identity | None:
        """Return the identity, with the MAIL FROM domain that setup gives it."""
        found = super().find(identity)
        return replace(found, mail_from=f"bounce.{identity}") if found and "@" not in identity else found

    def set_mail_from(self, domain: str, mail_from: str) -> None:
        """Do nothing."""


class LaptopZones(Route53Zones):
    """The emulator's Route 53, which is the DNS of this machine too. The sender's zone is there from the start."""

    def __init__(self, client: Any, domain: str) -> None:
        super().__init__(client)
        if self.zone_of(domain) == "":
            client.create_hosted_zone(Name=domain, CallerReference=domain)
        super().__init__(client)

    def resolve(self, name: str, kind: str) -> list[str]:
        """Return what a name server would."""
        zone = self.zone_of(name)
        return list(self.find(zone, name, kind)) if zone else []


class LaptopCertificates:
    """None is needed where nothing is encrypted; the template wants to be told one all the same."""

    def find(self, domain: str) -> Certificate | None:  # noqa: ARG002
        """Return one that is issued."""
        return Certificate(ARN, "ISSUED")

    def is_elsewhere(self, domain: str) -> bool:  # noqa: ARG002
        """Return that there is no other."""
        return False

    def request(self, domain: str) -> None:
        """Do nothing."""


class LaptopDeployment(CloudFormationStack):
    """The stack in the emulator; the account's own process deploys it, as `sam deploy` would."""

    def __init__(self, account: LaptopAccount, home: Path) -> None:
        super().__init__(account.client("cloudformation"), account.client("dynamodb"), STACK)
        self._account, self._home, self._started = account, home, False

    def status(self) -> str:
        """Return the state of the stack; it is complete when its pages answer too."""
        if not self._account.is_running():
            return ""
        found = super().status()
        return "CREATE_IN_PROGRESS" if found == "CREATE_COMPLETE" and not self._is_up() else found

    def start(self, chosen: Mapping[str, str]) -> None:
        """Have the stack deployed.

        Raises:
            CommandError: One runs with other answers.
        """
        if (self._home / "parameters.json").exists():
            raise CommandError("A stack with other answers runs here. End it first: newsletter teardown --local")
        self._chosen = chosen
        unfinished = self._home / "parameters.json.new"
        unfinished.write_text(json.dumps(dict(chosen)), encoding="utf-8")
        unfinished.replace(self._home / "parameters.json")
        self._started = True

    def progress(self) -> Progress:
        """Return how far it is."""
        if not self._account.is_running():
            why = f"the account on this machine ended; {self._home / 'account.log'} says why"
            return Progress("", failed=self._started, failures=(why,) if self._started else ())
        at = super().progress()
        return replace(at, working=self._started and not self._is_up(), total=max(at.total, 1))

    def remove(self) -> None:
        """End the account with everything in it."""
        self._account.end()

    def is_protected(self) -> bool:
        """Return whether the tables are; the emulator protects no stack."""
        return not self._open_tables()

    def _terminable(self, *, protected: bool) -> None:
        pass

    def _is_up(self) -> bool:
        return (self._home / "stack.json").exists()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
