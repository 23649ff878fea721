"""The stack a command speaks to: the one on this machine, or one that is deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.core.ports import Clock
from newsletter_cli.backend import system_clock
from newsletter_cli.problems import CommandError
from newsletter_cli.resources import Resources, described

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from newsletter.config import Settings
    from newsletter.wiring import App

STACK_FILE = Path(".local") / "stack.json"
"""Written by the laptop stack while it is up, see docs/data.md."""


@dataclass(frozen=True)
class Stack:
    """Where everything is, and a way to speak to it."""

    name: str
    """`local`, or that of the CloudFormation stack."""
    session: boto3.Session
    resources: Resources
    url: str
    """Of the archive, without a slash at the end."""
    inbox_url: str = ""
    """On this machine only."""
    endpoints: dict[str, str] = field(default_factory=dict)
    """By service, where it is not AWS's own; empty name for all others."""
    clock: Clock = field(default_factory=system_clock)
    """For commands that wait."""

    @property
    def is_local(self) -> bool:
        """Whether it is the one on this machine."""
        return bool(self.endpoints)

    def client(self, service: Any, config: Config | None = None) -> Any:
        """Return a client of one of AWS's services."""
        from newsletter_cli.aws_clients import CLIENT, ON_THIS_MACHINE

        usual = ON_THIS_MACHINE if self.is_local else CLIENT
        endpoint = self.endpoints.get(service) or self.endpoints.get("")
        return self.session.client(service, endpoint_url=endpoint, config=usual.merge(config) if config else usual)

    def invoke(self, function: str, request: dict[str, Any]) -> dict[str, Any]:
        """Invoke a function, named by its word, and return what it answers.

        Raises:
            CommandError: It failed, or answered with an error.
        """
        from newsletter_cli.aws_clients import STEERING

        name = self.resources.functions[function]
        answer = self.client("lambda", STEERING).invoke(FunctionName=name, Payload=json.dumps(request).encode())
        said = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise CommandError(f"The function {name} failed; the reason is in its log.")
        if isinstance(said, dict) and said.get("error"):
            raise CommandError(_sentence(str(said["error"])))
        return said if isinstance(said, dict) else {}

    def control(self, action: str, **request: Any) -> dict[str, Any]:
        """Ask `control` for an action and return what it answers; what changes something says who asks.

        Raises:
            CommandError: With the sentence that it answers.
        """
        return self.invoke("control", self._named(action, request))

    def about_team(self, action: str, **request: Any) -> dict[str, Any]:
        """Ask `sign_in` for an action about the team or its log and return what it answers; raises as `control`."""
        return self.invoke("sign_in", self._named(action, request))

    def _named(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        from newsletter.control.noted import DID

        return {"action": action, **({"by": self.identity} if action in DID else {}), **request}

    def stored_report(self, name: str) -> dict[str, Any] | None:
        """Return the report of a send, or of the list's growth; None if it is not written yet."""
        from botocore.exceptions import ClientError

        from newsletter.issues.adapters.s3_content import report_key

        try:
            answer = self.client("s3").get_object(Bucket=self.resources.content_bucket, Key=report_key(name))
        except ClientError as exc:
            if exc.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return dict(json.loads(answer["Body"].read()))

    @cached_property
    def identity(self) -> str:
        """As whom AWS knows this shell: the last part of its ARN, which is the user, or the session of a role."""
        from newsletter.issues.domain.upload import LONGEST_IDENTITY

        arn = self.client("sts").get_caller_identity()["Arn"]
        return re.split("[/:]", arn)[-1][:LONGEST_IDENTITY]

    @cached_property
    def settings(self) -> Settings:
        """The configuration of the deployed functions."""
        from newsletter.config import Settings

        name = self.resources.functions["control"]
        said = self.client("lambda").get_function_configuration(FunctionName=name)
        return Settings.from_env(said["Environment"]["Variables"])

    @cached_property
    def app(self) -> App:
        """The same ports that the functions use, with this shell's permissions; for work on the list itself."""
        from newsletter.wiring import App

        return App(self.settings, make_client=self.client)


def _sentence(error: str) -> str:
    """Return what `control` answers as a sentence of its own."""
    return f"{error[:1].upper()}{error[1:]}{'' if error.endswith('.') else '.'}"


def find_stack(name: str, *, local: bool, home: Path) -> Stack:
    """Return the stack that was asked for: the named one, or the one that runs on this machine.

    Args:
        name: Of a CloudFormation stack; empty if none was named.
        local: Whether the one on this machine was asked for.
        home: The folder in which `.local/stack.json` is looked for.

    Raises:
        CommandError: There is none.
    """
    if local or not name:
        return _on_this_machine(home / STACK_FILE, asked_for=local)
    return _deployed(name)


def _on_this_machine(file: Path, *, asked_for: bool) -> Stack:
    from newsletter_cli.aws_clients import session_on_this_machine

    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        hint = "" if asked_for else ", or name a deployed one with --stack NAME"
        raise CommandError(f"No stack runs on this machine. Start one with `make demo`{hint}.") from exc
    resources = Resources(
        api_id="",
        content_bucket=said["content_bucket"],
        site_bucket=said["site_bucket"],
        tables=said["tables"],
        queues=said["queues"],
        functions=said["functions"],
    )
    session = session_on_this_machine(said["region"])
    endpoints = {"": said["aws_endpoint"], "sesv2": said["ses_endpoint"]}
    return Stack("local", session, resources, said["url"], said["inbox_url"], endpoints)


def _deployed(name: str) -> Stack:
    from botocore.exceptions import ClientError

    from newsletter_cli.aws_clients import CLIENT, session_of_this_shell

    session = session_of_this_shell()
    cloudformation = session.client("cloudformation", config=CLIENT)
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as exc:
        if exc.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        where = session.region_name
        raise CommandError(f"There is no stack {name} in {where}. Check its name and AWS_REGION.") from exc
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = described(resource for page in pages for resource in page["StackResourceSummaries"])
    if "control" not in resources.functions:
        raise CommandError(f"The stack {name} is no newsletter: it has no function Control.")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Stack(name, session, resources, outputs.get("ArchiveUrl", "").rstrip("/"))
