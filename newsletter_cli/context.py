"""Which stack a call is about."""

from __future__ import annotations

from pathlib import Path

import typer

from newsletter_cli.stack import Stack, find_stack


def stack_of(context: typer.Context) -> Stack:
    """Return the stack that this call is about, looked for once.

    Raises:
        CommandError: There is none.
    """
    if not isinstance(context.obj, Stack):
        name, local = context.obj
        root = context.find_root()
        root.obj = context.obj = find_stack(name, local=local, home=Path.cwd())
    return context.obj
