"""An operator's way to a report: the link to its page, and a fresh one if wanted. Nobody is mailed."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.reports.domain.report_name import LIST_GROWTH
from newsletter.reports.ports import ReportLinks
from newsletter.sending.domain.send import SendState
from newsletter.sending.ports import ReportQueue, SendStore


def ask_for_report(
    name: str, *, fresh: bool, sends: SendStore, report_queue: ReportQueue, report_links: ReportLinks, now: datetime
) -> dict[str, str | bool]:
    """Return the link to the report of a send, or to the list's growth for an empty name; queue a fresh one if asked.

    Raises:
        InvalidRequestError: The send is not closed yet.
        UnknownSendError: There is no such send.
    """
    send = sends.get(name) if name else None
    if name and send is None:
        raise UnknownSendError(f"{name} was never sent, so there is no report on it")
    if send is not None and send.state is not SendState.CLOSED:
        raise InvalidRequestError(f"the books of {name} are not closed; the report is written when they are")
    if fresh:
        report_queue.report(name or LIST_GROWTH)
    url = report_links.to_report(name, now=now) if name else report_links.to_growth(now=now)
    return {"url": url, "fresh_on_its_way": fresh}
