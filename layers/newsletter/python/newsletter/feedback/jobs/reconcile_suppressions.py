"""The nightly comparison of our suppressions with SES's list: what is missing in one is put there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import InvalidEmailError
from newsletter.feedback.domain.reconciliation import Reconciliation, Step
from newsletter.feedback.ports import ReconcilePorts
from newsletter.readers.domain.suppression import (
    SEEN_AGAIN_AFTER,
    TAKEN_FOR_GONE_AFTER,
    Listed,
    Suppression,
    SuppressionReason,
)

CHUNK = 100
"""DynamoDB gives so many items in one call; more are never in memory."""

PACE = 1.0
"""Seconds between two questions to SES: "All actions (except sending) are throttled at one request per second".
https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""

MOST_PUT = 500
"""Addresses a night that SES is told. At one a second that is eight minutes; more than that is another account or an
import, for which SES has a job of its own, and it will be done after some nights all the same."""

ENOUGH_REFUSALS = 3
"""When SES took none of so many, it takes none: its sandbox refuses them all."""

BUSY = "this subscriber is being changed at the same moment; compare again"


def reconcile_suppressions(so_far: Reconciliation, *, ports: ReconcilePorts, until: datetime) -> Reconciliation:
    """Go on with the comparison until it is done or the time is up, and return how far it has come.

    Every step can be repeated: what is healed is not found again.

    Args:
        so_far: Where the comparison stands; a new one for a new night.
        ports: What comparing touches.
        until: When to stop; what is begun then is finished, which takes a few seconds.

    Raises:
        AccountUnknownError: SES does not say what it lists.
        StoreBusyError: The database is busy, or somebody changes the same subscriber all the time.
    """
    while not so_far.is_done and ports.clock.now() < until:
        so_far = _theirs(so_far, ports) if so_far.step is Step.THEIRS else _ours(so_far, ports, until)
    return so_far


def _theirs(so_far: Reconciliation, ports: ReconcilePorts) -> Reconciliation:
    """Compare one page of SES's list with our suppressions."""
    page, token = ports.listed.page(so_far.at, limit=CHUNK)
    listed = _by_id(page, ports)
    today = ports.clock.now().date()
    suppressions = ports.suppressions.get_many(listed)
    missing = [its_id for its_id in listed if its_id not in suppressions or suppressions[its_id].lifted_by_sign_up]
    subscribers = ports.subscribers.get_many(missing)
    for subscriber_id in subscribers:
        entry = listed[subscriber_id]
        _suppress(Suppression(subscriber_id, entry.reason, entry.since, listed_on=today), ports)
    for subscriber_id, suppression in suppressions.items():
        if suppression.belongs_on_the_list and not suppression.listed_since(today - SEEN_AGAIN_AFTER):
            ports.suppressions.note_listed(subscriber_id, today)
    if token:
        ports.clock.sleep(PACE)
    counted = replace(so_far, listed=so_far.listed + len(page), suppressed=so_far.suppressed + len(subscribers))
    return counted.next(token)


def _suppress(suppression: Suppression, ports: ReconcilePorts) -> None:
    def attempt() -> Literal[Race.LOST] | None:
        subscriber = ports.subscribers.get(suppression.subscriber_id)
        return None if ports.suppressions.suppress(suppression, subscriber) else LOST

    win(attempt, busy=BUSY)


def _by_id(page: list[Listed], ports: ReconcilePorts) -> dict[str, Listed]:
    """Return what SES lists by the ids we know people by; the list is the account's, and may hold anything."""
    by_id: dict[str, Listed] = {}
    for entry in page:
        try:
            by_id[ports.addresses.subscriber_id(ports.addresses.mailbox(entry.email))] = entry
        except InvalidEmailError:
            continue  # no address that could be on our list
    return by_id


def _ours(so_far: Reconciliation, ports: ReconcilePorts, until: datetime) -> Reconciliation:
    """Look at our next suppressions: is the record marked, and does SES know?"""
    page = ports.suppressions.after(so_far.at, limit=CHUNK)
    ours = [entry for entry in page if entry.reason is not SuppressionReason.ERASED]  # a tombstone is all there is
    subscribers = ports.subscribers.get_many([suppression.subscriber_id for suppression in ours])
    today = ports.clock.now().date()
    for suppression in ours:
        if ports.clock.now() >= until:
            return so_far  # in the middle of a page: putting an address takes a second
        subscriber = subscribers.get(suppression.subscriber_id)
        marked = subscriber is not None and not subscriber.suppressed and _mark(subscriber.subscriber_id, ports)
        so_far = replace(
            so_far, at=suppression.subscriber_id, compared=so_far.compared + 1, marked=so_far.marked + marked
        )
        if subscriber is not None and subscriber.email and _is_missing(suppression, today):
            so_far = _put(suppression, subscriber.email, so_far, ports, today)
    return so_far.next(page[-1].subscriber_id if len(page) == CHUNK else "")


def _is_missing(suppression: Suppression, today: date) -> bool:
    """Return whether SES should list the address and does not, as far as we have seen."""
    return suppression.belongs_on_the_list and not suppression.listed_since(today - TAKEN_FOR_GONE_AFTER)


def _put(
    suppression: Suppression, email: str, so_far: Reconciliation, ports: ReconcilePorts, today: date
) -> Reconciliation:
    refuses = so_far.put == 0 and so_far.refused >= ENOUGH_REFUSALS
    if refuses or so_far.put + so_far.refused >= MOST_PUT:
        return replace(so_far, left=so_far.left + 1)
    taken = ports.listed.put(email, suppression.reason)
    ports.clock.sleep(PACE)
    if not taken:
        return replace(so_far, refused=so_far.refused + 1)
    ports.suppressions.note_listed(suppression.subscriber_id, today)
    return replace(so_far, put=so_far.put + 1)


def _mark(subscriber_id: str, ports: ReconcilePorts) -> bool:
    """Take somebody out of the audience; return whether they stood in it, or could have come back."""

    def attempt() -> bool | Literal[Race.LOST]:
        subscriber = ports.subscribers.get(subscriber_id)
        if subscriber is None or subscriber.suppressed:
            return False
        return True if ports.subscribers.save(replace(subscriber, suppressed=True)) else LOST

    return win(attempt, busy=BUSY)
