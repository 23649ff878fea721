"""How a send stands, with its books at this moment."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import UnknownSendError
from newsletter.sending.domain.live_count import LiveCount
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendStore


def send_status(slug: str, *, sends: SendStore, now: datetime) -> tuple[Send, LiveCount]:
    """Return the send and its books, final or counted now, with what workers have in their hands.

    Raises:
        UnknownSendError: There is no such send.
    """
    send = sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    return send, LiveCount(send.books) if send.books else LiveCount.of(sends.batches(slug), now=now)
