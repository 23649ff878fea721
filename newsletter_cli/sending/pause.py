"""`newsletter send pause` and `resume`: nobody else gets the issue until it is resumed."""

from __future__ import annotations

from typing import Any

import typer

from newsletter_cli.backend import Backend
from newsletter_cli.console import show_json
from newsletter_cli.context import backend_of
from newsletter_cli.sending.options import Because, Data, SendName
from newsletter_cli.sending.status_text import show


def pause(context: typer.Context, issue: SendName, because: Because, as_data: Data = False) -> None:
    """Hold a send: from the next call on nobody gets it, and everybody keeps their place."""
    _steer(backend_of(context), "pause", as_data=as_data, slug=issue, because=because)


def resume(context: typer.Context, issue: SendName, as_data: Data = False) -> None:
    """Let a paused send continue where it stopped; nobody gets it twice."""
    _steer(backend_of(context), "resume", as_data=as_data, slug=issue)


def _steer(backend: Backend, action: str, *, as_data: bool, **request: Any) -> None:
    status = backend.control(action, **request)
    if as_data:
        show_json(status)
    else:
        show(status, backend.clock.now())
