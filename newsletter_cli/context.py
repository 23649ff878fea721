"""Which stack a call is about, and the way to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter_cli.source import Choice, Source, not_by_api
from newsletter_cli.stack import Stack, find_stack

if TYPE_CHECKING:
    from newsletter_cli.people.ports import Readers


def stack_of(context: typer.Context) -> Stack:
    """Return the stack that this call is about, looked for once: for verbs that take AWS.

    Raises:
        CommandError: There is none, or the call goes by the API.
    """
    source = source_of(context)
    if not isinstance(source, Stack):
        raise not_by_api(context.command_path)
    return source


def source_of(context: typer.Context) -> Source:
    """Return where the answers come from, looked for once: a stack, or its API.

    Raises:
        CommandError: There is no such stack, or no key for the API.
    """
    if isinstance(context.obj, Choice):
        root = context.find_root()
        root.obj = context.obj = _found(context.obj)
    source: Source = context.obj
    return source


def goes_by_api(context: typer.Context) -> bool:
    """Return whether the answers come from an API."""
    return bool(context.obj.api) if isinstance(context.obj, Choice) else not isinstance(context.obj, Stack)


def readers_of(context: typer.Context) -> Readers:
    """Return the list that this call is about; raises as `source_of`."""
    source = source_of(context)
    if isinstance(source, Stack):
        from newsletter_cli.people.stack_readers import StackReaders

        return StackReaders(source.app)
    from newsletter_cli.remote.api_readers import ApiReaders
    from newsletter_cli.remote.connection import connection_of

    return ApiReaders(connection_of(source).client)


def _found(choice: Choice) -> Source:
    if not choice.api:
        return find_stack(choice.stack, local=choice.local, home=Path.cwd())
    from newsletter_cli.remote.connection import connect

    return connect(choice.api, choice.api_key_file)
