"""Sends that are not over."""

from __future__ import annotations

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import SendState
from newsletter_cli.stack import Stack


def open_sends(stack: Stack) -> list[str]:
    """Return the names of the sends in which something still moves; one that is held does not count."""
    going = []
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):
        for issue in stack.app.issues.with_status(status):
            send = stack.app.sends.get(issue.slug)
            if send is None or send.state in (SendState.OPEN, SendState.CANCELLING):
                going.append(issue.slug)
    return going
