"""The watch: numbers of the sends under way, of failed work and of the account at SES; and the size of the audience.

A sequence of jobs: it ends with the mail to the editors about the account. It can be repeated as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from newsletter.errors import AccountUnknownError
from newsletter.feedback.jobs.watch_account import watch_account
from newsletter.reports.domain.metrics import Metric, of_account, of_sends, troubles
from newsletter.reports.ports import MeasurePorts
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.count_audience import count_audience


def measure(open_sends: Iterable[Send], *, all_settled: bool, ports: MeasurePorts, now: datetime) -> None:
    """Write the numbers down, count the audience now and then, and tell the editors what changed about the account.

    Last of all it says that all is well, if it is: an alarm rings when looks end before that, or are not made.
    """
    held = any(each.get().holds(now) for each in ports.confirmation_holds)
    numbers = of_sends(open_sends, confirmations_held=held, now=now)
    numbers |= {Metric.SLOTS_NOT_STARTED: len(ports.unstarted(now)), Metric.DEAD_LETTERS: ports.dead_letters.count()}
    ports.metrics.emit(numbers)
    count_audience(ports.audience, ports.audience_count, now=now)
    try:
        account = ports.account.read()
    except AccountUnknownError:
        account = None  # the next look is near
    if account:
        ports.metrics.emit(of_account(account))
        watch_account(account, ports=ports.watching)
        numbers |= of_account(account)
    if all_settled and not troubles(numbers):
        ports.sign_of_life.all_well()
