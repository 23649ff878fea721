"""Where the answers of a verb come from: a stack by its AWS account, or the same stack by its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from newsletter.core.ports import Clock
from newsletter_cli.problems import CommandError


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line said about where its answers come from."""

    stack: str = ""
    """The name of a CloudFormation stack; empty if none was named."""
    local: bool = False
    """Whether the stack on this machine was asked for."""
    api: str = ""
    """The address of an API; empty if the answers come from AWS."""
    api_key_file: Path | None = None

    @property
    def made(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.stack or self.local or self.api)


def system_clock() -> Clock:
    """Return the machine's clock. What is imported with it takes a quarter of a second, which some verbs do without."""
    from newsletter.wiring.system_clock import SystemClock

    return SystemClock()


class Backend(Protocol):
    """What verbs of editors and senders ask: a `Stack`, or an `ApiConnection`."""

    @property
    def clock(self) -> Clock:
        """For verbs that wait."""
        ...

    def control(self, action: str, **request: Any) -> Mapping[str, Any]:
        """Carry out an action of `control`, and return what it answers.

        Raises:
            CommandError: It cannot be done; the sentence says why.
        """
        ...

    def stored_report(self, name: str) -> dict[str, Any] | None:
        """Return the report of a send, or of the list's growth; None if it is not written yet."""
        ...


AT_THE_DESK = {
    "audience count": "The desk says it while the audience of an issue is written.",
    "dead-letters": "The desk has them, under Health.",
    "doctor": "The desk says how the stack is, under Health.",
    "export": "The desk does it, under People.",
    "form": "The desk has it, under Settings.",
    "import": "The desk does it, under People.",
    "log": "The desk has it, under Log.",
    "send outcome": "The desk says it on the page of the reader.",
    "send rest": "The desk does it, on the page of the send.",
    "send retry-failed": "The desk does it, on the page of the send.",
    "settings": "The desk has them, under Settings.",
    "subscribers stats": "`newsletter report --growth` has the figures of each day.",
    "suppressions remove": "The desk does it, on the page of the reader.",
    "team": "The desk has it, under Team.",
}
"""Where else a verb is done that the API has no way for; of a group, for all its verbs."""


def not_by_api(command_path: str) -> CommandError:
    """Return the error of a verb that only AWS can answer.

    Args:
        command_path: As Click writes it, such as `newsletter send retry-failed`.
    """
    verb = command_path.partition(" ")[2]
    elsewhere = next((said for name, said in AT_THE_DESK.items() if f"{verb} ".startswith(f"{name} ")), "")
    return CommandError(" ".join(filter(None, [f"The API has no way to do `newsletter {verb}`.", elsewhere, WITH_AWS])))


WITH_AWS = "With credentials for AWS: --stack NAME in place of --api."
