"""How commands that take a while show how far they are."""

from __future__ import annotations

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from newsletter_cli.console import err


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> str:
        """Return the rate of the last moments, or of all of them once it is over."""
        speed = task.finished_speed or task.speed
        return f"{speed:,.0f}/s" if speed else ""


def progress() -> Progress:
    """Return a progress bar with count, share, rate, elapsed and remaining time, on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TaskProgressColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=err,
    )
