"""`newsletter report` and `newsletter receipt`: what became of an issue, and what it cost, in eighty columns."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsletter.core.figures import in_dollars
from newsletter.reports.domain.report_name import GROWTH
from newsletter.reports.domain.report_words import added_up, cents, grouped, share, source_worded, sum_of, took, worded
from newsletter.sending.domain.send import is_send_name
from newsletter_cli.console import out, show_json, show_table
from newsletter_cli.context import backend_of
from newsletter_cli.problems import CommandError, UsageError

WEEK = 14
"""Days of the list's growth that fit on a screen."""

AsJson = Annotated[bool, typer.Option("--json", help="Everything, for programs.")]
IssueName = Annotated[str, typer.Argument(help="The issue, or the name of a rehearsal.", metavar="ISSUE")]


def report(
    context: typer.Context,
    issue: Annotated[str, typer.Argument(help="The issue, or the name of a rehearsal.", metavar="ISSUE")] = "",
    *,
    growth: Annotated[bool, typer.Option("--growth", help="How the list has grown, in place of an issue.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Have it written once more; nobody is mailed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Report on an issue: outcomes, bounces, complaints, unsubscribes, pace and cost."""
    if growth == bool(issue):
        raise UsageError("Name an issue, or say --growth.")
    backend = backend_of(context)
    name = GROWTH if growth else _checked(issue)
    answer = backend.control("report", slug="" if growth else name, fresh=fresh)
    found = backend.stored_report(name)
    if found is None:
        raise CommandError(
            "It is being written; ask again in a minute." if fresh else "It is not written yet. Ask with --fresh."
        )
    if as_json:
        show_json(found | {"url": answer["url"]})
        return
    (_show_growth if growth else _show_report)(found)
    if fresh:
        out.print("A fresh one is being written; these are the figures before. Ask again in a minute.")
    if answer["url"]:
        out.print(answer["url"], soft_wrap=True)


def receipt(context: typer.Context, issue: IssueName, *, as_json: AsJson = False) -> None:
    """What an issue used of AWS and what that costs, beside what was expected."""
    found = backend_of(context).stored_report(_checked(issue))
    if found is None:
        raise CommandError(f"There is no report on {issue} yet; it is written when its books are closed.")
    if as_json:
        show_json(found["receipt"])
        return
    _show_receipt(found)


def _checked(name: str) -> str:
    if not is_send_name(name):
        raise UsageError(f"{name!r} cannot name an issue; a name looks like 2026-12-01-more-for-more.")
    return name


def _show_report(found: dict[str, Any]) -> None:
    books, events, pace, readers = found["books"], found["events"], found["pace"], found["list"]
    kind = "Rehearsal of " if found["rehearsal"] else ""
    out.print(f"{kind}{found['title']}", markup=False, style="bold")
    early = "" if found["settled"] or found["rehearsal"] else "; early, bounces and unsubscribes still arrive"
    out.print(f"Written {found['made_at'][:16].replace('T', ' ')} UTC{early}\n", markup=False)
    rows = [("audience", grouped(books["audience"]), ""), _row("sent", books["sent"], books["audience"])]
    for outcome in ("skipped", "failed"):
        rows += [_row(f"{outcome}: {worded(why)}", n, books["audience"]) for why, n in books[outcome].items()]
    for event in ("hard_bounce", "soft_bounce", "complaint"):
        rows.append(_row(worded(event), events[event], books["sent"]))
        rows += [(f"  {worded(why)}", grouped(n), "") for why, n in found["reasons"][event].items()]
    rows.append(_row("left since", readers["left"], books["sent"]))
    rows += [(f"  {worded(why)}", grouped(n), "") for why, n in readers["left_because"].items()]
    rows.append(("new readers since", grouped(readers["joined"]), ""))
    if said := found.get("responses"):
        votes = said["useful"] + said["not_useful"]
        rows += [_row("found it useful", said["useful"], votes), _row("not really useful", said["not_useful"], votes)]
        rows.append(("replied by email", grouped(said["replies"]), ""))
    show_table(("Readers", "Number", "Share"), rows, nothing="Nobody.")
    allowed = f" of {grouped(pace['allowed_per_second'])} allowed" if pace["allowed_per_second"] else ""
    out.print(
        f"\n{took(pace['mailing_seconds'])}, {grouped(pace['per_second'])} emails a second{allowed}.", markup=False
    )
    expected = found["expected"]
    foretold = f"; expected {in_dollars(expected['usd'])} and {took(expected['seconds'])}" if expected else ""
    out.print(f"It cost {in_dollars(found['receipt']['total_usd'])}{foretold}.", markup=False)


def _row(words: str, number: int, whole: int) -> tuple[str, str, str]:
    return words, grouped(number), share(number, whole)


def _show_receipt(found: dict[str, Any]) -> None:
    bill = found["receipt"]
    out.print(f"{found['title']}: {grouped(found['books']['sent'])} emails\n", markup=False, style="bold")
    rows = [
        (line["what"], f"{grouped(line['units'])} {line['billed_in']}", cents(line["usd"]), cents(line["expected_usd"]))
        for line in bill["lines"]
    ]
    rows.append(("together", "", cents(bill["total_usd"]), cents(bill["expected_usd"])))
    show_table(("What", "Used", "US dollars", "Expected"), rows, nothing="Nothing.")
    calls = {service: sum(operations.values()) for service, operations in bill["calls"].items()}
    counted = ", ".join(f"{service} {grouped(number)}" for service, number in calls.items())
    out.print(f"\nCalls: {counted or 'none written down'}.", markup=False)
    out.print("By the prices of us-east-1, without free allowances, logs and storage: a bill is rather lower.")


def _show_growth(found: dict[str, Any]) -> None:
    now, days = found["now"], found["days"]
    out.print(f"{grouped(now['on_list'])} on the list, {grouped(now['unconfirmed'])} waiting.\n", style="bold")
    rows = [
        (day["day"], "–" if day["on_list"] is None else grouped(day["on_list"]), grouped(day["joined"]),
         grouped(sum_of(day["left"])), grouped(sum_of(day["suppressed"])))
        for day in days[-WEEK:]
    ]  # fmt: skip
    show_table(("Day", "On the list", "Joined", "Left", "Kept out"), rows, nothing="No day is over yet.")
    came_from = [
        (source_worded(source), grouped(number), share(number, now["on_list"]))
        for source, number in found.get("came_from", {}).items()
    ]
    if came_from:
        out.print()
        show_table(("Where readers came from", "Readers", "Share"), came_from, nothing="Nobody.")
    why = ", ".join(f"{worded(reason)} {grouped(n)}" for reason, n in added_up(day["left"] for day in days).items())
    if why:
        out.print(f"\nWhy they left, in {len(days)} days: {why}.", markup=False)
