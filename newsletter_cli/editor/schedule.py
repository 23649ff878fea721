"""`newsletter schedule`: the next slots with the issue expected in each, and single days that people decide about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import typer

from newsletter_cli.console import show_json, show_table
from newsletter_cli.context import backend_of
from newsletter_cli.problems import UsageError

schedule_app = typer.Typer(
    invoke_without_command=True,
    help="Show the next 26 slots, what goes out in each and at hours of their own; skip or add a day.",
)
Data = Annotated[bool, typer.Option("--json", help="For programs.")]
Because = Annotated[str, typer.Option("--because", help="Why, for the colleagues.")]
Day = Annotated[str, typer.Argument(metavar="DAY", help="As in 2026-12-29, by the newsletter's own calendar.")]


@schedule_app.callback()
def show(context: typer.Context, as_data: Data = False) -> None:
    """Show the next 26 slots, what goes out in each and at hours of their own; skip or add a day."""
    if context.invoked_subcommand is None:
        _show(backend_of(context).control("slots"), as_data=as_data)


@schedule_app.command()
def skip(context: typer.Context, day: Day, because: Because = "", as_data: Data = False) -> None:
    """Let nothing go out on a slot, such as a holiday."""
    _change(context, "skip", day, because, as_data=as_data)


@schedule_app.command()
def unskip(context: typer.Context, day: Day, as_data: Data = False) -> None:
    """Take a skip back."""
    _change(context, "unskip", day, as_data=as_data)


@schedule_app.command()
def extra(context: typer.Context, day: Day, because: Because = "", as_data: Data = False) -> None:
    """Add a day beside the rhythm."""
    _change(context, "extra", day, because, as_data=as_data)


@schedule_app.command()
def unextra(context: typer.Context, day: Day, as_data: Data = False) -> None:
    """Take an extra day back."""
    _change(context, "unextra", day, as_data=as_data)


def _change(context: typer.Context, action: str, day: str, because: str = "", *, as_data: bool) -> None:
    try:
        chosen = date.fromisoformat(day)
    except ValueError as exc:
        raise UsageError(f"{day!r} is not a day. Write it like this: 2026-12-29") from exc
    _show(
        backend_of(context).control(action, day=chosen.isoformat(), **({"because": because} if because else {})),
        as_data=as_data,
    )


def _show(answer: Mapping[str, Any], *, as_data: bool) -> None:
    if as_data:
        show_json(answer)
        return
    rows = [
        (datetime.fromisoformat(slot).date(), _time(slot), answer["issues"].get(slot, "")) for slot in answer["next"]
    ]
    last = max((day for day, _, _ in rows), default=date.max)
    # A stack of a release before these has none.
    hours = answer.get("hours", {}).items()
    rows += [(datetime.fromisoformat(moment).date(), _time(moment), slug) for slug, moment in hours]
    skipped = [date.fromisoformat(day) for day in answer["skipped"]]
    rows += [(day, "skipped", "") for day in skipped if day <= last]
    extra_days, reasons = {date.fromisoformat(day) for day in answer["extra"]}, answer.get("reasons", {})
    show_table(
        ("day", "time", "issue", ""),
        (
            (
                f"{day:%a} {day}",
                time,
                issue,
                ": ".join(filter(None, ("extra" if day in extra_days else "", reasons.get(day.isoformat(), "")))),
            )
            for day, time, issue in sorted(rows)
        ),
        nothing="There are no slots to come.",
    )


def _time(slot: str) -> str:
    return f"{datetime.fromisoformat(slot):%H:%M}"
