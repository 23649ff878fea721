"""A change of address, carried out: the record at the new address, and the signpost at the old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.subscriber import Status, Subscriber, ends_links


def moved_in(
    old: Subscriber, existing: Subscriber | None, *, move: Move, consent: Consent, now: datetime
) -> Subscriber:
    """Return the confirmed record of the address that a subscriber moved to.

    Args:
        old: The record of the present address; what its owner chose goes along.
        existing: The record that the new address has already, if any; of it stays only when its owner left.
        move: What the subscriber asked for.
        consent: The completed receipt of the move.
        now: The moment.
    """
    return replace(
        old,
        subscriber_id=move.new_id,
        email=move.email,
        status=Status.CONFIRMED,
        consent=consent,
        confirmed_at=now,
        confirmation_sent_at=existing.confirmation_sent_at if existing else None,
        left_at=existing.left_at if existing else None,
        left_because="",
        last_notice_at=None,
        reminded_at=None,
        renewal_asked_at=None,
        pending=(),
        links_since=ends_links(now),
        move=None,
        came_from=(*old.came_from, old.subscriber_id),
        moves_from="",
        moving_to="",
        moved_to="",
        suppressed=existing.suppressed if existing else False,
        soft_bounces=(),
        version=existing.version if existing else 0,
    )


def moved(old: Subscriber, new_id: str, *, now: datetime) -> Subscriber:
    """Return the signpost that an address leaves behind: no address, no name, only where the links lead."""
    return Subscriber(
        subscriber_id=old.subscriber_id,
        email="",
        status=Status.UNSUBSCRIBED,
        signed_up_at=old.signed_up_at,
        left_at=now,
        moved_to=new_id,
        suppressed=old.suppressed,
        version=old.version,
    )
