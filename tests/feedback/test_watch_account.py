"""The editors hear what SES thinks of the account: once when it changes, once when it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.editors import Editors
from newsletter.errors import SendingPausedError, SendOutcomeUnknownError, SendRejectedError, SendThrottledError
from newsletter.feedback.jobs.watch_account import watch_account
from newsletter.feedback.ports import AccountPorts
from newsletter.sending.domain.quota import Account
from tests.core.fakes import TEAM, MemoryMailer, PlainMails
from tests.feedback.fakes import MemoryAccountWatch

HEALTHY = Account(max_send_rate=14, max_24_hour_send=50_000, sent_last_24_hours=0)
PROBATION = replace(HEALTHY, enforcement_status="PROBATION")
SHUTDOWN = replace(HEALTHY, enforcement_status="SHUTDOWN")
SWITCHED_OFF = replace(HEALTHY, sending_enabled=False)


class Office:
    def __init__(self) -> None:
        self.watch, self.mailer = MemoryAccountWatch(), MemoryMailer()

    def look(self, account: Account) -> list[str]:
        """Look once, and return the troubles that were mailed about by now."""
        watch_account(account, ports=AccountPorts(self.watch, Editors(self.mailer, PlainMails(), TEAM)))
        return [sent.mail.text for sent in self.mailer.outbox]


def test_a_healthy_account_is_no_news() -> None:
    assert Office().look(HEALTHY) == []


def test_the_editors_hear_each_change_once_and_its_end_once() -> None:
    office = Office()
    for account in (HEALTHY, PROBATION, PROBATION, SHUTDOWN, SHUTDOWN, SWITCHED_OFF, HEALTHY, HEALTHY):
        mailed = office.look(account)

    assert mailed == ["trouble: PROBATION", "trouble: SHUTDOWN", "trouble: DISABLED", "trouble: "]


@pytest.mark.parametrize(
    "failure", [SendThrottledError, SendOutcomeUnknownError, SendingPausedError, SendRejectedError]
)
def test_what_cannot_be_mailed_now_is_mailed_by_a_later_look(failure: type[Exception]) -> None:
    office = Office()
    office.mailer.failure = failure("")
    assert office.look(PROBATION) == []
    office.mailer.failure = None

    assert office.look(PROBATION) == ["trouble: PROBATION"]


def test_a_trouble_that_nobody_could_be_told_about_ends_without_a_word() -> None:
    office = Office()
    office.mailer.failure = SendingPausedError("")
    office.look(SHUTDOWN)
    office.mailer.failure = None

    assert office.look(HEALTHY) == []
