"""`newsletter move-keys`: the keys of a stack in use, from Secrets Manager to Parameter Store, and back.

It copies, and changes nothing that a function reads; which of both places that is, the next deployment says. So each
step may be the last one for a while, and none breaks a link. A key is never shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from newsletter.aws.secrets import SecretsManager, is_parameter
from newsletter_cli.console import confirm, out
from newsletter_cli.context import stack_of
from newsletter_cli.key_parameters import ALL, ORIGIN, RINGS, SHOWN, KeyParameters, parameter_name
from newsletter_cli.operator.signing_keys import write_key
from newsletter_cli.problems import CommandError
from newsletter_cli.stack import Stack

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - the type of a resource
WINDOW = 30
"""Days in which a deleted secret can be had back; the most that AWS gives, and nothing is paid for them."""


def move_keys(
    context: typer.Context,
    back: Annotated[bool, typer.Option("--back", help="From Parameter Store to Secrets Manager.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Copy the keys to Parameter Store, where they cost nothing; functions read them there after a deployment."""
    keys = KeysOfStack.of(stack_of(context))
    going = copies_back(keys) if back else copies_over(keys)
    for each in going:
        out.print(f"{each.key}: to be copied to {each.target}", soft_wrap=True)
    if going and (dry_run or not confirm("Copy the keys?", yes=yes)):
        return
    for each in going:
        each.make(keys)
    if going:
        out.print("Copied, and read once more to compare.")
    for line in next_steps(keys, back=back):
        out.print(line, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class KeysOfStack:
    """Where the keys of a stack are, and where functions read them."""

    stack: Stack
    stack_name: str
    secrets: dict[str, str]
    """ARNs of the secrets that the stack has, by their names in the template."""
    parameters: KeyParameters

    @classmethod
    def of(cls, stack: Stack) -> KeysOfStack:
        """Look at a stack."""
        # The one on this machine is called `local` here; its functions are called after its name, as all are.
        stack_name = stack.resources.functions["control"].removesuffix("-control")
        pages = stack.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack_name)
        there = {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceType"] == SECRET and not str(each.get("ResourceStatus", "")).startswith("DELETE_")
        }
        secrets = {key: there[key] for key in RINGS if key in there}
        return cls(stack, stack_name, secrets, KeyParameters(stack.client("ssm"), stack_name))

    @property
    def are_read_in_parameters(self) -> bool:
        """Whether functions read them in Parameter Store."""
        return is_parameter(self.stack.settings.signing_keys_secret)

    @property
    def names(self) -> list[str]:
        """Those that the stack needs: without CloudFront, none of its own."""
        return [key for key in RINGS if key != ORIGIN or self.stack.settings.origin_keys_secret]

    def secret(self, key: str) -> str:
        """Return what a secret holds."""
        return SecretsManager(self.stack.client("secretsmanager")).read(self.secrets[key])


@dataclass(frozen=True, slots=True)
class Copy:
    """One key that has to be written to another place."""

    key: str
    text: str = field(repr=False)
    target: str
    """Name of a parameter, or ARN of a secret."""

    def make(self, keys: KeysOfStack) -> None:
        """Write it, and read it once more.

        Raises:
            CommandError: Something else is there afterwards.
        """
        if is_parameter(self.target):
            keys.parameters.put(self.key, self.text)
            there: Any = keys.parameters.find(self.key)
        else:
            write_key(keys.stack, self.target, self.text)
            there = keys.secret(self.key)
        if there != self.text:
            raise CommandError(f"{self.target} holds something else than was written. Run the command again.")


def copies_over(keys: KeysOfStack) -> list[Copy]:
    """Return what Parameter Store lacks; nothing once functions read there: what it has is the newer then."""
    if keys.are_read_in_parameters:
        return []
    texts = {key: keys.secret(key) for key in keys.names}
    if ORIGIN in texts:
        texts[SHOWN] = str(json.loads(texts[ORIGIN])["current"])
    return [
        Copy(key, text, parameter_name(keys.stack_name, key))
        for key, text in texts.items()
        if keys.parameters.find(key) != text
    ]


def copies_back(keys: KeysOfStack) -> list[Copy]:
    """Return what Secrets Manager lacks; nothing while functions read there.

    Raises:
        CommandError: There are no secrets to copy to, or a parameter is missing.
    """
    if not keys.are_read_in_parameters:
        return []
    if missing := [key for key in keys.names if key not in keys.secrets]:
        raise CommandError(
            f"The stack has no secret {missing[0]}. Deploy it with KeysIn=both, which makes those that are not there; "
            "functions go on reading the parameters. Then run the command again."
        )
    texts = {key: keys.parameters.find(key) for key in keys.names}
    if lost := [key for key, text in texts.items() if text is None]:
        raise CommandError(f"There is no parameter {parameter_name(keys.stack_name, lost[0])}.")
    return [
        Copy(key, text, keys.secrets[key])
        for key, text in texts.items()
        if text is not None and keys.secret(key) != text
    ]


def next_steps(keys: KeysOfStack, *, back: bool) -> list[str]:
    """Return what to do now, in sentences and commands."""
    if back and keys.are_read_in_parameters:
        return [
            "Secrets and parameters are alike. Rotate nothing now. Deploy with KeysIn=secrets; functions read the "
            "secrets from then on. What the parameters hold is not read any more, and may be deleted after that:",
            *(f"  aws ssm delete-parameter --name {parameter_name(keys.stack_name, key)}" for key in ALL),
        ]
    if back:
        return ["Functions read the keys in Secrets Manager; there is nothing to move back."]
    if not keys.are_read_in_parameters:
        return [
            "Parameters and secrets are alike. Rotate nothing now. Deploy with KeysIn=both: functions then read the "
            "parameters, and the secrets are still there. Look with `newsletter doctor`, and run this command again; "
            "it says how they go."
        ]
    if not keys.secrets:
        return ["The keys are in Parameter Store, and the stack has no secrets of them any more."]
    stay = [arn for key, arn in keys.secrets.items() if key != ORIGIN]
    return [
        "Functions read the keys in Parameter Store. Deploy with KeysIn=parameters. The secrets leave the stack, and "
        f"are kept and paid for until they are deleted; for {WINDOW} days they can be had back:",
        *(f"  aws secretsmanager delete-secret --secret-id {arn} --recovery-window-in-days {WINDOW}" for arn in stay),
    ]
