"""Reports that are to be written, on SQS.

Shape: {"report": name of a send, "list growth" or "what is due"}.
"""

from __future__ import annotations

from newsletter.aws.queue import SqsQueue, message_fields
from newsletter.errors import MalformedMessageError
from newsletter.reports.domain.report_name import LIST_GROWTH, WHAT_IS_DUE
from newsletter.sending.domain.send import is_send_name


class SqsReportQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def report(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the report of a send, or LIST_GROWTH. Units: `delay` in seconds, at most 900."""
        self._queue.put([{"report": slug}], delay=delay)


def read_report(body: str) -> str:
    """Return the name of the send to report on, LIST_GROWTH, or WHAT_IS_DUE.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    name = message_fields(body, "report")["report"]
    if name not in (LIST_GROWTH, WHAT_IS_DUE) and not is_send_name(name):
        raise MalformedMessageError("the message asks for a report on no send")
    return name
