"""The nightly comparison of suppressions, from part to part until it is done, and the metric of what differed.

A sequence of jobs: a part that is repeated finds nothing of what it has mended.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.feedback.domain.reconciliation import Reconciliation
from newsletter.feedback.jobs.reconcile_suppressions import reconcile_suppressions
from newsletter.reports.domain.metrics import Metric
from newsletter.reports.ports import ComparisonPorts

ENOUGH_AT_ONCE = timedelta(seconds=60)
"""Of the function's two minutes; the rest is for what was begun. Then a message to ourselves goes on."""


def compare_suppressions(so_far: Reconciliation, *, ports: ComparisonPorts, now: datetime) -> Reconciliation:
    """Go on for a minute, then ask for the rest, or keep the result; return how far it has come.

    Raises:
        AccountUnknownError: SES does not say what it lists.
        StoreBusyError: The database is busy, or somebody changes the same subscriber all the time.
    """
    reconciliation = reconcile_suppressions(so_far, ports=ports.reconciling, until=now + ENOUGH_AT_ONCE)
    if not reconciliation.is_done:
        ports.queue.reconcile(reconciliation)
        return reconciliation
    ports.watch.keep(reconciliation, now=now)
    ports.metrics.emit({Metric.SUPPRESSION_DRIFT: reconciliation.drift})
    return reconciliation
