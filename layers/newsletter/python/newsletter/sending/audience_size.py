"""How many readers a send is for, at its opening; and what is said if that is far from what was approved."""

from __future__ import annotations

from newsletter.core.audience.grammar import parse_audience
from newsletter.core.audience.words import part_in_words
from newsletter.errors import NOTHING_NOW, SendOutcomeUnknownError, SendRejectedError
from newsletter.issues.domain.preflight import AUDIENCE_READERS
from newsletter.readers.look_at_audience import count_part
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SettlePorts

FAR_OFF = 2
"""Times as many as the preview said, or that part of them: an import in between, or a tag that was taken for another.
Lists grow by a few in a hundred from the preview to the send."""


def audience_size(send: Send, ports: SettlePorts) -> int:
    """Count the readers of a send as the index knows them: all, or its part.

    Raises:
        StoreBusyError: A later look can work.
    """
    if send.audience:
        return count_part(ports.audience, parse_audience(send.audience)).readers
    return ports.audience.size()


def tell_if_far_off(send: Send, reader_count: int, ports: SettlePorts) -> None:
    """Tell the editors that the part of the list is another by far than it was in the preview; the send goes on.

    They hear of it when the send has just begun, and can pause it. Where the email cannot leave now, nothing waits for
    it: the status and the report say how many there are too.
    """
    record = ports.issues.get(send.issue)
    seen = record.preflight.get(AUDIENCE_READERS) if record and send.audience and not send.rehearsal_of else None
    if record is None or seen is None or seen <= reader_count * FAR_OFF and reader_count <= max(seen, 1) * FAR_OFF:
        return
    mail = ports.editors.mails.mail(
        "editors_audience_changed",
        title=record.title, seen=seen, readers=reader_count, part=part_in_words(send.audience),
    )  # fmt: skip
    try:
        ports.editors.send(mail)
    except (*NOTHING_NOW, SendOutcomeUnknownError, SendRejectedError):
        return
