"""Telling the editors that a send is held, that it goes on, and that readers are in doubt: each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.errors import NOTHING_NOW, SendOutcomeUnknownError
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.ports import SettlePorts

OUTAGE_NEWS_AFTER = timedelta(minutes=15)
"""A shorter outage is over before anybody could read about it; and while SES takes nothing, no email leaves either."""


def with_editors_informed(send: Send, ports: SettlePorts, now: datetime) -> Send:
    """Tell the editors that the send is held, or goes on: once each, and not what a person did knowingly.

    What stops the send stops this email too: what SES does not take now leaves with a later look.
    """
    held = send.paused_by if send.state is SendState.PAUSED else None
    over = send.state not in (SendState.PAUSED, SendState.OPEN)  # its report says it
    if over or held is PausedBy.PERSON or held is send.editors_informed_of:
        return send
    if held is PausedBy.OUTAGE and send.paused_at and now - send.paused_at < OUTAGE_NEWS_AFTER:
        return send
    if not _claimed(send, ports, now):
        return send
    name = "editors_send_paused" if held else "editors_send_resumed"
    expected = send.resume_at if held is PausedBy.QUOTA else None
    mail = ports.editors.mails.mail(
        name, title=_title(send, ports), because=send.paused_because, resume_at=expected, alone=bool(send.resume_at)
    )
    try:
        ports.editors.send(mail)
    except NOTHING_NOW:
        return _given_back(send, ports)
    except SendOutcomeUnknownError:
        if held is not PausedBy.OUTAGE:
            _given_back(send, ports)
            raise
        # It may have arrived, and the next look would send another one. That the send goes on is told for sure.
    return ports.sends.change(send.slug, lambda header: header.with_editors_informed(held)) or send


def with_editors_informed_of_doubts(send: Send, ports: SettlePorts, now: datetime) -> Send:
    """Tell the editors once that readers are in doubt, how many, and what happens to them if nothing changes."""
    if not send.doubts_wait_for or send.editors_informed_of_doubts or send.state is not SendState.OPEN:
        return send
    if not _claimed(send, ports, now):
        return send
    mail = ports.editors.mails.mail("editors_doubts_wait", title=_title(send, ports), because=send.doubts_wait_for)
    try:
        ports.editors.send(mail)
    except NOTHING_NOW:
        return _given_back(send, ports)
    except SendOutcomeUnknownError:
        pass  # it may have arrived, and one that comes with each look is worse than none: the status says it too
    return ports.sends.change(send.slug, Send.with_editors_informed_of_doubts) or send


def _claimed(send: Send, ports: SettlePorts, now: datetime) -> bool:
    """Return whether this look is the one that mails: the clock's and the send's own may come at one moment."""
    if send.unreadable:
        return True  # nothing can be written on it but that the editors know
    return ports.sends.change(send.slug, lambda header: header.with_news_claimed(send, now=now)) is not None


def _given_back(send: Send, ports: SettlePorts) -> Send:
    return ports.sends.change(send.slug, Send.with_news_given_back) or send


def _title(send: Send, ports: SettlePorts) -> str:
    record = ports.issues.get(send.issue)
    title = record.title if record else send.issue
    return f"Rehearsal of {title}" if send.rehearsal_of else title
