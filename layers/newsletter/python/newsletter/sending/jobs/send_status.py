"""How a send stands, with its books at this moment."""

from __future__ import annotations

from newsletter.errors import UnknownSendError
from newsletter.sending.domain.books import Books, tally
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendStore


def send_status(slug: str, *, sends: SendStore) -> tuple[Send, Books]:
    """Return the send and its books, final or counted now.

    Raises:
        UnknownSendError: There is no such send.
    """
    send = sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    return send, send.books or tally(sends.batches(slug))
