"""A test to any address, with any name: asked for at the desk, and sent by `publish`."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from newsletter.core.text import one_line
from newsletter.desk.domain.comment import LONGEST_NAME
from newsletter.desk.domain.named_test import EACH_DAY, NamedTest
from newsletter.desk.review_ports import NamedTestPorts
from newsletter.errors import InvalidRequestError

PLAUSIBLE = re.compile(r"[^\s<>;@,\"]{1,64}@[^\s<>;@,\"]{1,180}\.[^\s<>;@,\".]{2,63}")
"""Whoever it is for gets it or does not: that is the test of an address, not this pattern."""


def ask_for_named_test(
    slug: str, email: str, name: str, *, asked_by: str, ports: NamedTestPorts, now: datetime
) -> NamedTest:
    """Have the issue's email sent to this address, with this name where readers are called by theirs.

    Raises:
        InvalidRequestError: The address cannot be one, there is no such issue, or there were enough of them today.
    """
    email, record = email.strip(), ports.issues.get(slug)
    if record is None or record.withdrawn:
        raise InvalidRequestError("there is no such issue any more, so no test was sent")
    if not PLAUSIBLE.fullmatch(email):
        raise InvalidRequestError(f"“{one_line(email)[:80]}” is not an email address, so no test was sent")
    used = ports.counters.bump(f"tests#{now:%Y-%m-%d}", expires_at=now + timedelta(days=2))
    if used > EACH_DAY:
        raise InvalidRequestError(
            f"{EACH_DAY} tests with an address or a name of your own were sent today; tomorrow there are more"
        )
    test = NamedTest(secrets.token_hex(8), email, one_line(name)[:LONGEST_NAME], asked_by, now)
    ports.reviews.ask_for_test(slug, test)
    ports.publish_queue.mail_named_test(slug, test.test_id)
    return test
