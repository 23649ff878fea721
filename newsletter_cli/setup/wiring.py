"""What stands behind the ports: an account at AWS, or the laptop."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from boto3 import Session

from newsletter.aws.ses_identity import resolve
from newsletter.wiring.system_clock import SystemClock
from newsletter_cli.aws_clients import CLIENT
from newsletter_cli.key_parameters import KeyParameters
from newsletter_cli.problems import CommandError
from newsletter_cli.setup.adapters.acm_certificates import AcmCertificates
from newsletter_cli.setup.adapters.aws_account import AwsAccount
from newsletter_cli.setup.adapters.checkout import ROOT
from newsletter_cli.setup.adapters.files import FOLDER, SetupFiles
from newsletter_cli.setup.adapters.laptop import (
    STACK,
    LaptopAccount,
    LaptopCertificates,
    LaptopDeployment,
    LaptopSenders,
    LaptopZones,
)
from newsletter_cli.setup.adapters.newsroom import StackNewsroom
from newsletter_cli.setup.adapters.route53_zones import Route53Zones
from newsletter_cli.setup.adapters.sam_deployment import SamDeployment
from newsletter_cli.setup.adapters.ses_senders import SesSenders
from newsletter_cli.setup.adapters.stack_parts import AwsStackParts, LaptopParts
from newsletter_cli.setup.adapters.terminal import Terminal
from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.domain.questions import Circumstances
from newsletter_cli.setup.jobs.deploy import REMOVABLE
from newsletter_cli.setup.ports import SetupPorts
from newsletter_cli.setup.teardown_ports import TeardownPorts
from newsletter_cli.stack import Stack, find_stack

CLOUDFRONTS = "us-east-1"


def files_of(stack_name: str, *, local: bool) -> SetupFiles:
    """Return what is kept about a stack; of the laptop's, in the folder that it has anyway."""
    if local:
        return SetupFiles(_home() / "setup", stack_name, "")
    return SetupFiles(ROOT / FOLDER, stack_name, str(_session().region_name or ""))


def aws_ports(
    terminal: Terminal, files: SetupFiles, circumstances: Circumstances, stack_name: str, *, patience: float
) -> SetupPorts:
    """Return the ports of an account."""
    session = _session()
    account = AwsAccount(session, stack_name)
    elsewhere = None if account.region == CLOUDFRONTS else _client("acm")
    return SetupPorts(
        person=terminal,
        notebook=files,
        account=account,
        senders=SesSenders(_client("sesv2")),
        zones=Route53Zones(_client("route53")),
        dns=resolve,
        certificates=AcmCertificates(_client("acm", CLOUDFRONTS), elsewhere),
        keys=KeyParameters(_client("ssm"), stack_name),
        deployment=_sam(stack_name),
        newsroom=StackNewsroom(cache(lambda: find_stack(stack_name, local=False, home=Path.cwd()))),
        clock=SystemClock(),
        circumstances=circumstances,
        patience=patience,
    )


def laptop_ports(
    terminal: Terminal, files: SetupFiles, circumstances: Circumstances, answers: Answers, *, patience: float
) -> SetupPorts:
    """Return the ports of the laptop, whose account is started if it does not run."""
    account = LaptopAccount(_home())
    account.open()
    if account.is_new:
        files.forget_done()
    zones = LaptopZones(account.client("route53"), answers.sender_domain)
    return SetupPorts(
        person=terminal,
        notebook=files,
        account=account,
        senders=LaptopSenders(account.client("sesv2")),
        zones=zones,
        dns=zones.resolve,
        certificates=LaptopCertificates(),
        keys=KeyParameters(account.client("ssm"), STACK),
        deployment=LaptopDeployment(account, _home()),
        newsroom=StackNewsroom(cache(_laptop_stack)),
        clock=SystemClock(),
        circumstances=circumstances,
        patience=patience,
    )


def aws_teardown_ports(terminal: Terminal, files: SetupFiles, stack_name: str) -> TeardownPorts:  # noqa: ARG001
    """Return the ports for deleting a stack of an account."""
    deployment = _sam(stack_name)
    return TeardownPorts(
        person=terminal,
        deployment=deployment,
        readership=_Readers(deployment, lambda: find_stack(stack_name, local=False, home=Path.cwd())),
        parts=AwsStackParts(deployment, _client("ses")),
        clock=SystemClock(),
    )


def laptop_teardown_ports(terminal: Terminal) -> TeardownPorts:
    """Return the ports for ending what setup started on this machine.

    Raises:
        CommandError: Nothing runs.
    """
    account = LaptopAccount(_home())
    if not account.is_running():
        raise CommandError("Nothing that setup started runs on this machine.")
    account.open()
    deployment = LaptopDeployment(account, _home())
    return TeardownPorts(
        person=terminal,
        deployment=deployment,
        readership=_Readers(deployment, _laptop_stack),
        parts=LaptopParts(deployment),
        clock=SystemClock(),
    )


class _Readers:
    """Counts the readers of a stack, unless its first deployment failed and it has none."""

    def __init__(self, deployment: Any, find: Any) -> None:
        self._deployment, self._find = deployment, find

    def size(self) -> int:
        if self._deployment.status() in REMOVABLE:
            return 0
        stack: Stack = self._find()
        return stack.app.subscribers.size()


def _laptop_stack() -> Stack:
    return find_stack("", local=True, home=Path.cwd())


def laptop_inbox_url() -> str:
    """Return the page that shows the emails of the stack on this machine."""
    return _laptop_stack().inbox_url


def _home() -> Path:
    return Path.cwd() / ".local"


def _sam(stack_name: str) -> SamDeployment:
    return SamDeployment(_client("cloudformation"), _client("dynamodb"), stack_name, ROOT / FOLDER)


def _session() -> Session:
    # boto3 knows AWS_DEFAULT_REGION alone; every other tool of AWS says AWS_REGION.
    return Session(region_name=os.environ.get("AWS_REGION") or None)


def _client(service: Any, region: str | None = None) -> Any:
    return _session().client(service, region_name=region, config=CLIENT)
