"""Our own CloudWatch metrics: few numbers beside those of AWS itself, and each of them can wake somebody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from newsletter.sending.domain.quota import UNLIMITED, Account
from newsletter.sending.domain.send import PausedBy, Send, SendState


class Metric(StrEnum):
    """The names of the metrics in CloudWatch."""

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
    SUPPRESSION_DRIFT = "SuppressionDrift"
    """Addresses that our suppressions and those of SES, or our own records, did not agree about."""
    REPORTS_MISSING = "ReportsMissing"
    """1 if SES reported too few of the messages of a closed send, else 0."""


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
