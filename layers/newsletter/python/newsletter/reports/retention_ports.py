"""Ports of the nightly forgetting, from its first part to its last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsletter.core.ports import Clock
from newsletter.readers.retention_ports import ForgetPorts, RenewalPorts
from newsletter.reports.domain.retention_run import RetentionRun
from newsletter.sending.retention_ports import OutcomePorts


class RetentionQueue(Protocol):
    """Messages to whoever forgets."""

    def go_on(self, run: RetentionRun) -> None:
        """Ask for the forgetting to go on."""
        ...


class RetentionLog(Protocol):
    """What the last forgetting did."""

    def keep(self, run: RetentionRun, *, now: datetime) -> None: ...
    def last(self) -> tuple[datetime, RetentionRun] | None:
        """Return when it was done for the last time, and what it did; None if it never was."""
        ...


@dataclass(frozen=True, slots=True)
class RetentionPorts:
    """What the nightly forgetting touches."""

    leavers: ForgetPorts
    renewals: RenewalPorts
    outcomes: OutcomePorts
    queue: RetentionQueue
    log: RetentionLog
    clock: Clock
