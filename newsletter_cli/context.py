"""Which stack a call is about, and the way to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter_cli.backend import Backend, Choice, not_by_api
from newsletter_cli.stack import Stack, find_stack

if TYPE_CHECKING:
    from newsletter_cli.people.ports import Readers


def stack_of(context: typer.Context) -> Stack:
    """Return the stack that this call is about, looked for once: for verbs that take AWS.

    Raises:
        CommandError: There is none, or the call goes by the API.
    """
    backend = None if goes_by_api(context) else backend_of(context)
    if not isinstance(backend, Stack):
        raise not_by_api(context.command_path)
    return backend


def backend_of(context: typer.Context) -> Backend:
    """Return where the answers come from, looked for once: a stack, or its API.

    Raises:
        CommandError: There is no such stack, or no key for the API.
    """
    if isinstance(context.obj, Choice):
        root = context.find_root()
        root.obj = context.obj = _found(context.obj)
    backend: Backend = context.obj
    return backend


def goes_by_api(context: typer.Context) -> bool:
    """Return whether the answers come from an API."""
    return bool(context.obj.api) if isinstance(context.obj, Choice) else not isinstance(context.obj, Stack)


def readers_of(context: typer.Context) -> Readers:
    """Return the list that this call is about; raises as `backend_of`."""
    backend = backend_of(context)
    if isinstance(backend, Stack):
        from newsletter_cli.people.stack_readers import StackReaders

        return StackReaders(backend.app)
    from newsletter_cli.remote.api_readers import ApiReaders
    from newsletter_cli.remote.connection import connection_of

    return ApiReaders(connection_of(backend).client)


def _found(choice: Choice) -> Backend:
    if not choice.api:
        return find_stack(choice.stack, local=choice.local, home=Path.cwd())
    from newsletter_cli.remote.connection import connect

    return connect(choice.api, choice.api_key_file)
