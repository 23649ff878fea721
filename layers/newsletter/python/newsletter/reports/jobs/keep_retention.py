"""The nightly forgetting: of people who left, of consents that nobody renews, and of what became of single readers.

A sequence of jobs, from part to part until it is done: a part that is repeated finds nothing of what it has forgotten.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from newsletter.readers.jobs.ask_for_renewals import ask_for_renewals
from newsletter.readers.jobs.forget_leavers import forget_leavers
from newsletter.reports.domain.retention_run import RetentionRun, RetentionStep
from newsletter.reports.retention_ports import RetentionPorts
from newsletter.sending.jobs.forget_outcomes import forget_outcomes

ENOUGH_AT_ONCE = timedelta(seconds=60)
"""Of the function's two minutes; the rest is for the page that was begun. Then a message to ourselves goes on."""


def keep_retention(run: RetentionRun, *, ports: RetentionPorts, now: datetime) -> RetentionRun:
    """Go on for a minute, then ask for the rest, or keep what was done; return how far it has come.

    Raises:
        StoreBusyError: The database is busy.
    """
    until = now + ENOUGH_AT_ONCE
    while not run.is_done and ports.clock.now() < until:
        run = _part(run, ports, now, until)
    if run.is_done:
        ports.log.keep(run, now=now)
    else:
        ports.queue.go_on(run)
    return run


def _part(run: RetentionRun, ports: RetentionPorts, now: datetime, until: datetime) -> RetentionRun:
    if run.step is RetentionStep.LEAVERS:
        page = forget_leavers(run.bookmark, ports=ports.leavers, now=now)
        counted = replace(run, forgotten=run.forgotten + page.forgotten, receipts=run.receipts + page.receipts)
        return counted.next(page.next_page)
    if run.step is RetentionStep.RENEWALS:
        found = ask_for_renewals(run.bookmark, asked_so_far=run.asked, ports=ports.renewals, now=now)
        return replace(run, asked=run.asked + found.asked, ended=run.ended + found.ended).next(found.next_page)
    part = forget_outcomes(run.bookmark, ports=ports.outcomes, now=now, until=until)
    return replace(run, sends=run.sends + part.sends, items=run.items + part.items).next(part.next_slug)
