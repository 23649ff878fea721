"""The one place that counts every mail to a mailbox whose owner has not confirmed, whoever asked, by whatever road."""

from __future__ import annotations

import hashlib
from datetime import datetime

from newsletter.core.ports import Counters
from newsletter.readers.domain.limits import Policy, counter
from newsletter.readers.domain.mailbox_spelling import mailbox_of


def may_mail(email: str, cause: str, *, counters: Counters, policy: Policy, key: str, now: datetime) -> bool:
    """Take one of the mails that this mailbox may get today; the same cause takes one, however often it is tried.

    Args:
        email: The address as it will be written to; all its spellings count together.
        cause: Why we write, told apart from every other cause.
        counters: Where it is counted.
        policy: What the operator decides.
        key: Makes the names, so that nobody can tell from the table who was to be mailed.
        now: The moment.

    Raises:
        StoreBusyError: Nothing was decided; the message will be delivered again.
    """
    limit = policy.of_mailbox()
    today = counter(limit, mailbox_of(email), key=key, now=now)
    taker = hashlib.sha256(f"{today.key}\0{cause}".encode()).hexdigest()[:16]
    return counters.take(today.key, taker, most=limit.most, expires_at=today.expires_at)
