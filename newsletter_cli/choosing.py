"""Which of a stack and an API is meant, where both were named."""

from __future__ import annotations

from dataclasses import replace

import typer

from newsletter_cli.backend import Choice
from newsletter_cli.problems import UsageError

TYPED = "COMMANDLINE"
"""What Click calls the source of a parameter that was typed, and not taken from the environment."""


def chosen(context: typer.Context, choice: Choice) -> Choice:
    """Return what is meant: what was typed counts for more than what the shell has in its environment.

    Raises:
        UsageError: A stack and an API are named in the same way.
    """
    if not choice.api or not (choice.stack or choice.local):
        return choice
    stack_typed = choice.local or _typed(context, "stack")
    if stack_typed is _typed(context, "api"):
        raise UsageError("A stack and an API are named, here or in NEWSLETTER_STACK and FORTNIGHTLY_API. Name one.")
    return replace(choice, api="") if stack_typed else replace(choice, stack="", local=False)


def _typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == TYPED
