"""`newsletter send status`: how a send stands, once or until it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.progress import TaskID

from newsletter_cli.backend import Backend
from newsletter_cli.console import show_json
from newsletter_cli.context import backend_of
from newsletter_cli.issue_names import names, slug_of
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.sending.status_text import STATES, done, expected, show


def status(
    context: typer.Context,
    issue: Annotated[
        str,
        typer.Argument(metavar="[ISSUE]", help="Which send; if left out, what goes out now.", autocompletion=names),
    ] = "",
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow it until its books are closed.")] = False,
    every: Annotated[
        int, typer.Option(min=1, help="Seconds between two looks; each reads all batches of the send.")
    ] = 5,
    as_data: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the progress of a send: state, reason for a pause, speed, forecast, books."""
    backend = backend_of(context)
    slug = slug_of(issue) or _going_out(backend)
    current = _watched(backend, slug, every) if watch else backend.control("status", slug=slug)
    if as_data:
        show_json(current)
    else:
        show(current, backend.clock.now())


def _going_out(backend: Backend) -> str:
    known = backend.control("issues")["issues"]
    for wanted in (("sending", "paused"), ("sent", "cancelled")):
        found = [issue["slug"] for issue in known if issue["status"] in wanted]
        if found:
            return str(found[0])
    raise CommandError("Nothing has gone out yet. `newsletter schedule` shows what goes out when.")


def _watched(backend: Backend, slug: str, every: int) -> Mapping[str, Any]:
    """Follow a send with a bar on standard error, and return how it stood at the end."""
    with progress() as bar:
        task: TaskID | None = None
        while True:
            current = backend.control("status", slug=slug)
            if task is None:
                task = bar.add_task(slug, total=None)
            bar.update(
                task, description=_headline(current), total=expected(current) or None, completed=done(current["books"])
            )
            if current["state"] == "closed":
                return current
            backend.clock.sleep(every)


def _headline(current: Mapping[str, Any]) -> str:
    why = f" by {current['paused_by']}" if current["state"] == "paused" else ""
    return f"{current['slug']}: {STATES[current['state']]}{why}"
