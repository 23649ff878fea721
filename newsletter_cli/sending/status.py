"""`newsletter send status`: how a send stands, once or until it ends."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.progress import TaskID

from newsletter_cli.console import progress, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.issue_names import names, slug_of
from newsletter_cli.problems import CommandError
from newsletter_cli.sending.standing import STATES, done, expected, show
from newsletter_cli.stack import Stack


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
    """Show how a send stands: state, reason of a pause, speed, forecast, books."""
    stack = stack_of(context)
    slug = slug_of(issue) or _going_out(stack)
    told = _watched(stack, slug, every) if watch else stack.control("status", slug=slug)
    if as_data:
        show_json(told)
    else:
        show(told, stack.clock.now())


def _going_out(stack: Stack) -> str:
    known = stack.control("issues")["issues"]
    for wanted in (("sending", "paused"), ("sent", "cancelled")):
        found = [issue["slug"] for issue in known if issue["status"] in wanted]
        if found:
            return str(found[0])
    raise CommandError("Nothing has gone out yet. `newsletter schedule` shows what goes out when.")


def _watched(stack: Stack, slug: str, every: int) -> dict[str, Any]:
    """Follow a send with a bar on standard error, and return how it stood at the end."""
    with progress() as bar:
        task: TaskID | None = None
        while True:
            told = stack.control("status", slug=slug)
            if task is None:
                task = bar.add_task(slug, total=None)
            bar.update(task, description=_headline(told), total=expected(told) or None, completed=done(told["books"]))
            if told["state"] == "closed":
                return told
            stack.clock.sleep(every)


def _headline(told: dict[str, Any]) -> str:
    why = f" by {told['paused_by']}" if told["state"] == "paused" else ""
    return f"{told['slug']}: {STATES[told['state']]}{why}"
