"""Metrics of the sends under way and of the account at SES, which alarms watch, and the size of the audience.

A sequence of jobs: it ends with the mail to the editors about the account. It can be repeated as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from newsletter.errors import AccountUnknownError
from newsletter.feedback.jobs.watch_account import watch_account
from newsletter.reports.domain.metrics import of_account, of_sends
from newsletter.reports.ports import MeasurePorts
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.count_audience import count_audience


def measure(open_sends: Iterable[Send], *, ports: MeasurePorts, now: datetime) -> None:
    """Write the metrics down, count the audience now and then, and tell the editors what changed about the account."""
    held = any(each.get().holds(now) for each in ports.confirmation_holds)
    ports.metrics.emit(of_sends(open_sends, confirmations_held=held, now=now))
    count_audience(ports.audience, ports.audience_count, now=now)
    try:
        account = ports.account.read()
    except AccountUnknownError:
        return  # the alarms stay as they are; the next look is near
    ports.metrics.emit(of_account(account))
    watch_account(account, ports=ports.watching)
