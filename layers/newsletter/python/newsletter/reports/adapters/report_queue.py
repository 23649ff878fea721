"""Reports that are to be written, on SQS.

Shape: {"report": name of a send, "list growth", "what is due", or the name of a notice about a hold}.
"""

from __future__ import annotations

from newsletter.aws.queue import SqsQueue, message_fields
from newsletter.errors import MalformedMessageError
from newsletter.feedback.domain.hold_link import NOTICES
from newsletter.reports.domain.report_name import LIST_GROWTH, WHAT_IS_DUE
from newsletter.sending.domain.send import is_send_name


class SqsReportQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def report(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the report of a send, LIST_GROWTH, or one of NOTICES. Units: `delay` in seconds, at most 900."""
        self._queue.put([{"report": slug}], delay=delay)


def read_report(body: str) -> str:
    """Return the name of the send to report on, LIST_GROWTH, WHAT_IS_DUE, or one of NOTICES.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    name = message_fields(body, "report")["report"]
    if name not in (LIST_GROWTH, WHAT_IS_DUE, *NOTICES) and not is_send_name(name):
        raise MalformedMessageError("the message asks for a report on no send")
    return name
