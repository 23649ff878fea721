"""When a send that SES stopped may go on."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.sending.domain.quota import UNLIMITED, Account
from newsletter.sending.domain.send import PausedBy, Send

WINDOW = timedelta(hours=24)
"""The quota counts the recipients of the last 24 hours, at any moment; nothing starts anew at midnight."""


LOOK_AGAIN = timedelta(hours=1)
"""When nobody can say when room begins: others filled the window, at hours we do not know."""


WORTH = 0.1
"""The share of the quota that must be free again. The window empties as slowly as it was filled: going on at the first
free place would pause again within a second, with two mails to the editors each time."""


WORTH_WHEN_DUE = 0.01
"""The same, once the expected time has come: others may keep the window nearly full for ever."""


HEARSAY = timedelta(minutes=2)
"""After a pause, what we know of the account may still be from before it: we remember the account for a minute, and SES
counts with a delay. Going on by that would pause again at once, and queue everybody who waits each time."""


def room(account: Account) -> int | None:
    """Return how many recipients the quota still takes now; None when there is no quota."""
    if account.max_24_hour_send == UNLIMITED:
        return None
    return max(0, int(account.max_24_hour_send - account.sent_last_24_hours))


def may_resume(send: Send, account: Account, *, now: datetime) -> bool:
    """Return whether a paused send goes on alone, as the account stands now.

    After the quota, when there is room again that is worth it. After SES refused everything, only if the account itself
    shows that this is over; a missing permission or a sender that is not verified is for a person to mend.
    """
    if not account.may_send or send.resume_at is None:
        return False
    if send.paused_at is not None and now - send.paused_at < HEARSAY:
        return False
    if send.paused_by is PausedBy.QUOTA:
        free = room(account)
        worth = WORTH if now < send.resume_at else WORTH_WHEN_DUE
        return free is None or free >= max(1, account.max_24_hour_send * worth)
    return send.paused_by is PausedBy.SES


def resume_at(opened_at: datetime, *, now: datetime) -> datetime:
    """Return when a send that used up the quota can be expected to go on.

    What it mailed first leaves the window first, a day later. In a send that is older than that, or beside other
    senders, nobody knows; the live account decides, and this is when to expect it.
    """
    frees = opened_at + WINDOW
    return frees if frees > now else now + LOOK_AGAIN
