"""A stack, as CloudFormation has it; what deploys it is another's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from newsletter_cli.protection import protect_tables
from newsletter_cli.setup.adapters.checkout import read_template
from newsletter_cli.setup.domain.template import counted, defaults
from newsletter_cli.setup.ports import Progress

FUNCTION = "AWS::Serverless::Function"
TABLE = "AWS::DynamoDB::Table"
BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
"""States of the stack itself with which an operation begins."""

CANCELLED = "cancelled"
"""In the reason of whatever failed only because something else had."""


class CloudFormationStack:
    """Looks at a stack, protects it, and deletes it."""

    def __init__(self, cloudformation: Any, dynamodb: Any, stack_name: str) -> None:
        self._cloudformation, self._dynamodb, self._stack_name = cloudformation, dynamodb, stack_name
        self._stack_id = stack_name
        self._chosen: Mapping[str, str] = {}
        self._read = list[dict[str, Any]]()

    @property
    def name(self) -> str:
        """Of the stack."""
        return self._stack_name

    def known_parameters(self) -> Mapping[str, str]:
        """Return the parameters of the template, with their defaults."""
        return defaults(read_template())

    def resource_counts(self, chosen: Mapping[str, str]) -> Mapping[str, int]:
        """Return how many resources of each type the stack will have."""
        region = self._cloudformation.meta.region_name
        return counted(read_template(), {**self.known_parameters(), **chosen}, region)

    def status(self) -> str:
        """Return the state of the stack; empty if there is none."""
        return str(self._described().get("StackStatus", ""))

    def deployed_parameters(self) -> Mapping[str, str]:
        """Return the parameters with which it is deployed."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described().get("Parameters", [])}

    def outputs(self) -> Mapping[str, str]:
        """Return its outputs."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described().get("Outputs", [])}

    def progress(self) -> Progress:
        """Return how far the newest operation is, from its events."""
        status = self.status()
        if not status:
            return Progress("")
        done, failures, latest = set[str](), list[str](), ""
        for event in self._events():
            name, state = event["LogicalResourceId"], event["ResourceStatus"]
            own = _is_stacks_own(event)
            latest = latest or ("" if own else f"{state.lower().replace('_', ' ')}: {name}")
            reason = event.get("ResourceStatusReason", "")
            if state.endswith("_FAILED") and not own and CANCELLED not in reason:
                failures.append(f"{name}: {reason or 'no reason given'}")
            elif state.endswith("_COMPLETE") and not own:
                done.add(name)
        return Progress(status, len(done), max(self._expected(), len(done)), latest, tuple(reversed(failures)))

    def remove(self) -> None:
        """Begin to delete the stack."""
        self._stack_id = str(self._described().get("StackId", self._stack_name))
        self._cloudformation.delete_stack(StackName=self._stack_name)

    def is_protected(self) -> bool:
        """Return whether neither the stack nor a table of it can be deleted by mistake."""
        return bool(self._described().get("EnableTerminationProtection")) and not self._open_tables()

    def protect(self) -> None:
        """Protect both."""
        protect_tables(self._dynamodb, self._open_tables())
        self._terminable(protected=True)

    def unprotect(self) -> None:
        """Let the stack be deleted. Its tables stay, and stay protected."""
        self._terminable(protected=False)

    def resources(self) -> list[dict[str, Any]]:
        """Return what the stack is made of."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self._stack_name)
        return [each for page in pages for each in page["StackResourceSummaries"]]

    def _terminable(self, *, protected: bool) -> None:
        self._cloudformation.update_termination_protection(
            StackName=self._stack_name, EnableTerminationProtection=protected
        )

    def _open_tables(self) -> list[str]:
        names = [each["PhysicalResourceId"] for each in self.resources() if each["ResourceType"] == TABLE]
        return [
            name
            for name in names
            if not self._dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled")
        ]

    def _described(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self._stack_id)["Stacks"][0]
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "ValidationError":
                raise
            return {}
        return found

    def _events(self) -> list[dict[str, Any]]:
        """Return the events of the newest operation, newest first; what was read before is not read again."""
        known, fresh = {event["EventId"] for event in self._read}, list[dict[str, Any]]()
        for event in self._newest_events():
            if event["EventId"] in known:
                break
            fresh.append(event)
            if _begins(event):
                self._read = []
                break
        self._read = [*fresh, *self._read]
        return self._read

    def _newest_events(self) -> Iterator[dict[str, Any]]:
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._stack_id)
        return (event for page in pages for event in page["StackEvents"])

    def _expected(self) -> int:
        """Return about how many resources there are: SAM adds a role to each function."""
        counts = self.resource_counts(self._chosen)
        return sum(counts.values()) + counts.get(FUNCTION, 0)


def _is_stacks_own(event: Mapping[str, Any]) -> bool:
    return bool(event.get("PhysicalResourceId") == event["StackId"])


def _begins(event: Mapping[str, Any]) -> bool:
    return _is_stacks_own(event) and event["ResourceStatus"] in BEGINNINGS
