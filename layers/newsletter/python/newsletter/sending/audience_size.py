"""How many readers a send is for, at its opening; and what is said if that is far from what was approved."""

from __future__ import annotations

from newsletter.errors import NOTHING_NOW, SendOutcomeUnknownError, SendRejectedError
from newsletter.issues.domain.preflight import AUDIENCE_READERS
from newsletter.readers.look_at_audience import count_part
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SettlePorts
from newsletter.sending.readers_of_issue import readers_of_send

FAR_OFF = 2
"""Times as many as the preview said, or that part of them: an import in between, or a tag that was taken for another.
Lists grow by a few in a hundred from the preview to the send."""


def audience_size(send: Send, ports: SettlePorts) -> int:
    """Count the readers of a send as the index knows them: all, or its part.

    Raises:
        StoreBusyError: A later look can work.
    """
    expression = readers_of_send(send).expression
    return count_part(ports.audience, expression).readers if expression else ports.audience.size()


def tell_if_far_off(send: Send, reader_count: int, ports: SettlePorts) -> None:
    """Tell the editors that the part of the list is another by far than it was in the preview; the send goes on.

    They hear of it when the send has just begun, and can pause it. Where the email cannot leave now, nothing waits for
    it: the status and the report say how many there are too.
    """
    record = ports.issues.get(send.issue)
    seen = record.preflight.get(AUDIENCE_READERS) if record and not send.rehearsal_of else None
    if record is None or seen is None or seen <= reader_count * FAR_OFF and reader_count <= max(seen, 1) * FAR_OFF:
        return
    mail = ports.editors.mails.mail(
        "editors_audience_changed",
        title=record.title, seen=seen, readers=reader_count, part=readers_of_send(send).in_words,
    )  # fmt: skip
    try:
        ports.editors.send(mail)
    except (*NOTHING_NOW, SendOutcomeUnknownError, SendRejectedError):
        return
