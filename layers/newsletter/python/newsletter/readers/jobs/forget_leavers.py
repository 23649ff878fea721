"""Forgetting the people who left long enough ago: their record becomes a tombstone, a page of the list at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.readers.domain.retention import is_to_be_forgotten, kept_receipt, tombstone
from newsletter.readers.retention_ports import ForgetPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenLeavers:
    """What one page brought."""

    forgotten: int = 0
    receipts: int = 0
    """How many of their receipts are kept apart now."""
    next_page: str = ""
    """Where to go on; empty when everybody was looked at."""


def forget_leavers(bookmark: str, *, ports: ForgetPorts, now: datetime) -> ForgottenLeavers:
    """Look at the next page of people who left, and forget those whose time has come; nobody is forgotten twice.

    Whoever's record changes at the same moment is left for the next night.

    Raises:
        StoreBusyError: The database is busy; what was forgotten stays so.
    """
    left_before = ports.policy.left_before(now)
    if left_before is None:
        return ForgottenLeavers()
    page = ports.leavers.page(bookmark, left_before=left_before, signed_up_before=ports.policy.signed_up_before(now))
    forgotten = receipts = 0
    for subscriber in page.subscribers:
        if not is_to_be_forgotten(subscriber, ports.policy, now=now):
            continue
        receipt = kept_receipt(subscriber, ports.policy)
        done = ports.leavers.forget(tombstone(subscriber), receipt)
        forgotten += done
        receipts += done and receipt is not None
    return ForgottenLeavers(forgotten=forgotten, receipts=receipts, next_page=page.next_page)
