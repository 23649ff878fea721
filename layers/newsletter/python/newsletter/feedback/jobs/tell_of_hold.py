"""Mailing the editors that confirmations are held, with a button that lets them go on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from newsletter.errors import NOTHING_NOW
from newsletter.feedback.domain.hold_link import HoldLink
from newsletter.feedback.ports import HoldNoticePorts
from newsletter.readers.domain.limits import Lane


class HoldNotice(StrEnum):
    """What came of it, as it stands in the log."""

    MAILED = "mailed"
    MAIL_WAITS = "mail waits"
    """SES takes none at the moment; ask again."""
    OVER = "over"
    """The hold ended before anybody was told."""


def tell_of_hold(lane: Lane, *, ports: HoldNoticePorts, now: datetime) -> HoldNotice:
    """Mail the editors about the hold of a lane as it stands now.

    Raises:
        SendOutcomeUnknownError, SendRejectedError: Deliver the message again.
    """
    hold = ports.watches[lane].get()
    if not hold.holds(now):
        return HoldNotice.OVER
    # A hold of version 1.0 names no moment, so no link can speak of it; the email names the command.
    url = ports.links.to_release(HoldLink(lane, hold.held_at), now=now) if hold.held_at else ""
    try:
        ports.editors.tell("editors_confirmations_held", because=hold.because, lane=lane, release_url=url)
    except NOTHING_NOW:
        return HoldNotice.MAIL_WAITS
    return HoldNotice.MAILED
