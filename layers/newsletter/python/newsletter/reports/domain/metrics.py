"""Our own numbers beside those of AWS itself: few, and most of them can wake somebody.

Each stands in the log, and the watch judges it at every look: as a metric of CloudWatch with an alarm it would cost
0.40 USD a month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from newsletter.sending.domain.quota import UNLIMITED, Account
from newsletter.sending.domain.send import PausedBy, Send, SendState


class Metric(StrEnum):
    """The names of the numbers in the log."""

    SENDS_LATE = "SendsLate"
    """Sends that should be through by their forecast, and are not."""
    SLOTS_NOT_STARTED = "SlotsNotStarted"
    """Slots of the last day that passed without a send."""
    BREAKERS_OPEN = "BreakersOpen"
    """Sends held for their bounces or complaints, and one more when confirmation mail is held."""
    QUOTA_USED = "QuotaUsed"
    """Units: per cent of what SES takes in 24 hours."""
    ACCOUNT_NOT_HEALTHY = "AccountNotHealthy"
    """1 while SES watches the account or takes nothing from it, else 0."""
    DEAD_LETTERS = "DeadLetters"
    """Messages that failed for good, of all queues together."""
    SUPPRESSION_DRIFT = "SuppressionDrift"
    """Addresses that our suppressions and those of SES, or our own records, did not agree about."""
    REPORTS_MISSING = "ReportsMissing"
    """1 if SES reported too few of the messages of a closed send, else 0."""


WELL_UP_TO: dict[Metric, float] = {
    Metric.SENDS_LATE: 0,
    Metric.SLOTS_NOT_STARTED: 0,
    Metric.BREAKERS_OPEN: 0,
    Metric.QUOTA_USED: 80,
    Metric.ACCOUNT_NOT_HEALTHY: 0,
    Metric.DEAD_LETTERS: 0,
}
"""The most of each number with which all is well.

Two are not judged: suppressions that differ are put right in the same night, and editors read of missing reports in the
report itself.
"""


def troubles(measured: Mapping[Metric, float]) -> list[Metric]:
    """Return what is not well."""
    return [metric for metric, number in measured.items() if metric in WELL_UP_TO and number > WELL_UP_TO[metric]]


KNOWN_TO_PEOPLE = (PausedBy.PERSON, PausedBy.BREAKER)
"""A send that is held by these waits for somebody who knows; it is not late by itself."""


def of_sends(open_sends: Iterable[Send], *, confirmations_held: bool, now: datetime) -> dict[Metric, float]:
    """Return the numbers about sends that are not closed."""
    late = held = 0
    for send in open_sends:
        paused_by = send.paused_by if send.state is SendState.PAUSED else None
        late += send.is_late(now) and paused_by not in KNOWN_TO_PEOPLE
        held += paused_by is PausedBy.BREAKER
    return {Metric.SENDS_LATE: late, Metric.BREAKERS_OPEN: held + confirmations_held}


def of_account(account: Account) -> dict[Metric, float]:
    """Return the numbers about the account at SES."""
    return {Metric.QUOTA_USED: _used(account), Metric.ACCOUNT_NOT_HEALTHY: int(bool(account.trouble))}


def _used(account: Account) -> float:
    if account.max_24_hour_send == UNLIMITED:
        return 0.0
    if account.max_24_hour_send <= 0:
        return 100.0  # nothing may be sent, and so nothing is left
    return 100 * account.sent_last_24_hours / account.max_24_hour_send
