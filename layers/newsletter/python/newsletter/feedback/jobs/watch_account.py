"""Mail to the editors when SES watches or stops the account, and when that is over: once each."""

from __future__ import annotations

from newsletter.errors import SendingPausedError, SendRejectedError, TransientError
from newsletter.feedback.ports import AccountPorts
from newsletter.sending.domain.quota import Account


def watch_account(account: Account, *, ports: AccountPorts) -> str:
    """Tell the editors what changed about the account; return what is wrong with it now, or nothing.

    An account that SES has stopped cannot mail this either. Then nothing is remembered, and a later look tells. Until
    then the alarm has to do, which needs no mail of ours.
    """
    trouble = account.trouble
    if trouble == ports.watch.last_notice():
        return trouble
    try:
        ports.editors.tell("editors_account", trouble=trouble)
    except (TransientError, SendingPausedError, SendRejectedError):
        return trouble
    ports.watch.note_notice(trouble)
    return trouble
