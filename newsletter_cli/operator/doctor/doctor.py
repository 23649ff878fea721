"""`newsletter doctor`: looks at everything, changes nothing, and names a remedy for each thing that is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.padding import Padding
from rich.text import Text

from newsletter.errors import NewsletterError
from newsletter_cli.console import err, out, show_json
from newsletter_cli.context import stack_of
from newsletter_cli.operator.doctor import (
    clocks,
    concurrency,
    floods,
    keys,
    mail_account,
    mail_dns,
    own_words,
    pages,
    reports_of_ses,
    safety,
    waiting,
)
from newsletter_cli.operator.doctor.finding import Finding, Level, problem
from newsletter_cli.operator.doctor.first_day import first_day
from newsletter_cli.operator.doctor.outside import fetch, resolve
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.operator.old_links import leaving_answers
from newsletter_cli.problems import CommandError, sentence

Examination = Callable[[Patient], Iterator[Finding]]

GROUPS: dict[str, tuple[Examination, ...]] = {
    "This machine": (clocks.own_clock,),
    "DNS of the sender": (mail_dns.mail_dns,),
    "Amazon SES": (
        mail_account.mail_account,
        mail_account.sender,
        mail_account.replies,
        mail_account.configuration_sets,
        mail_account.feedback_topic,
    ),
    "Keys": (keys.address_key, keys.signing_keys, keys.key_places),
    "Schedule": (clocks.schedules, clocks.next_slot, clocks.own_hours),
    "Work": (
        clocks.event_sources,
        concurrency.concurrency,
        waiting.dead_letters,
        waiting.old_messages,
        waiting.held_sends,
        reports_of_ses.reports_of_ses,
        waiting.confirmation_mail,
    ),
    "Readers' pages": (pages.archive, pages.lasting_links, own_words.own_words, keys.one_click),
    "Safety": (safety.alarms, safety.tables, safety.deletion, safety.drill, safety.reconcile, safety.forgetting),
    "Floods and crashes": (floods.function_errors, floods.requests, floods.sign_ups),
}

SIGNS = {
    Level.OK: ("ok", "green"),
    Level.SKIPPED: ("--", "dim"),
    Level.WARNING: ("!", "yellow"),
    Level.PROBLEM: ("X", "bold red"),
}
"""Words before colours: the page must be readable in a log and for everybody."""

INDENT = 22
"""Columns before what was found."""


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    on_first_day: Annotated[
        bool, typer.Option("--first-day", help="What only a real account can answer: a checklist, once.")
    ] = False,
) -> None:
    """Look at everything that can be wrong, and say what to do. Changes nothing; exit code 1 if there is a problem."""
    if on_first_day:
        first_day(lambda: _patient(context), as_json=as_json)
        return
    patient = _patient(context)
    found = []
    for group, examinations in GROUPS.items():
        here = [finding for each in examinations for finding in examined(each, patient)]
        found += here
        if not as_json:
            _show(group, here)
    if as_json:
        show_json([asdict(finding) for finding in found])
    else:
        _sum_up(found)
    if any(finding.level is Level.PROBLEM for finding in found):
        raise typer.Exit(1)


def _patient(context: typer.Context) -> Patient:
    stack, now = stack_of(context), datetime.now(UTC)
    return Patient(stack, resolve, fetch, partial(leaving_answers, stack, now=now), now)


def examined(examination: Examination, patient: Patient) -> list[Finding]:
    """Return what an examination finds; that it could not be made is a finding too, and the others go on."""
    name = examination.__name__.replace("_", " ")
    try:
        return list(examination(patient))
    except (ClientError, BotoCoreError) as exc:
        return [problem(name, sentence(exc), "Until then nobody knows.")]
    except (CommandError, NewsletterError, KeyError) as exc:
        said = f"{exc} is missing in what AWS answers." if isinstance(exc, KeyError) else str(exc)
        return [problem(name, said, "Until then nobody knows.")]


def _show(group: str, findings: list[Finding]) -> None:
    out.print(f"\n[bold]{group}[/bold]")
    for finding in findings:
        sign, style = SIGNS[finding.level]
        line = Text.assemble((f"{sign:>3} ", style), f"{finding.name:<{INDENT - 4}}")
        body = Text(finding.found, style="dim" if finding.level is Level.SKIPPED else "")
        # The name stands beside the first line; all others begin where the first does.
        wrapped = body.wrap(out, max(out.width - INDENT, 20))
        out.print(line + (wrapped[0] if wrapped else Text()))
        for rest in wrapped[1:]:
            out.print(Padding(rest, (0, 0, 0, INDENT)))
        if finding.remedy:
            out.print(Padding(Text(f"-> {finding.remedy}", style=style), (0, 0, 0, INDENT)))


def _sum_up(findings: list[Finding]) -> None:
    counts = Counter(finding.level for finding in findings)
    parts = [f"{counts[Level.PROBLEM]} problems", f"{counts[Level.WARNING]} warnings", f"{counts[Level.OK]} ok"]
    if counts[Level.SKIPPED]:
        parts.append(f"{counts[Level.SKIPPED]} skipped")
    out.print(f"\n{', '.join(parts)}.")
    if not counts[Level.PROBLEM] and not counts[Level.WARNING]:
        err.print("All is well.", style="green")
