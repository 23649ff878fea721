"""The checkout from which a newsletter is deployed: its template."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import newsletter_cli
from newsletter_cli.problems import CommandError

ROOT = Path(newsletter_cli.__file__).resolve().parent.parent
LONGEST_NAME = 64
"""Letters of a function's name."""
LONGEST_QUEUE, MADE_UP = 80, 15
"""The most letters of a queue's name, and how many of them CloudFormation adds to those of stack and template."""


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref x` becomes {"Ref": x}."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = node.value
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


@cache
def read_template() -> dict[str, Any]:
    """Return template.yaml with the short forms written out.

    Raises:
        CommandError: This command line was not installed from a checkout.
    """
    try:
        source = (ROOT / "template.yaml").read_text(encoding="utf-8")
    except OSError as exc:
        raise CommandError("There is no template.yaml here: set up from a checkout of the newsletter.") from exc
    template: dict[str, Any] = yaml.load(source, Loader=_Loader)  # noqa: S506 - a SafeLoader
    return template


def longest_stack_name() -> int:
    """Return how many letters a stack's name may have: the names of functions begin with it.

    So do those that CloudFormation gives to queues. It cuts a longer one than SQS takes, and our policies would no
    longer know it by its ending.
    """
    resources = read_template()["Resources"]
    endings = re.findall(r"'\$\{AWS::StackName\}(-[\w-]+)'", str(resources))
    queues = [name for name, each in resources.items() if each["Type"] == "AWS::SQS::Queue"]
    return min(
        LONGEST_NAME - max(map(len, endings), default=0),
        LONGEST_QUEUE - MADE_UP - max(map(len, queues), default=0),
    )
