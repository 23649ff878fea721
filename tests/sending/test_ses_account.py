"""What SES says about the account, remembered for a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from local.simulator.account import Limits
from newsletter.errors import AccountUnknownError
from newsletter.sending.adapters.ses_account import FRESH, SesAccount
from newsletter.sending.domain.pause_end import room
from newsletter.sending.domain.quota import Account
from tests.core.fakes import NOW
from tests.ses_server import ses_server


def test_the_account_is_read_whole_and_remembered_for_a_minute() -> None:
    moment = [NOW]
    with ses_server(limits=Limits(max_send_rate=14, max_24_hour_send=200)) as ses:
        ses.simulator.account.count(50, ses.clock.now)
        account = SesAccount(ses.client, lambda: moment[0])
        assert account.read() == Account(max_send_rate=14, max_24_hour_send=200, sent_last_24_hours=50)
        assert room(account.read()) == 150

        ses.simulator.account.limits = Limits(max_send_rate=99, sending_enabled=False)
        moment[0] += FRESH
        assert account.rate() == 14
        moment[0] += timedelta(seconds=1)
        assert account.rate() == 99
        assert not account.read().may_send


def test_a_clock_that_jumps_back_does_not_keep_old_limits_for_ever() -> None:
    moment = [NOW]
    with ses_server(limits=Limits(max_send_rate=14)) as ses:
        account = SesAccount(ses.client, lambda: moment[0])
        account.read()
        ses.simulator.account.limits = Limits(max_send_rate=99)
        moment[0] -= timedelta(minutes=5)

        assert account.rate() == 99


class Throttled:
    """Answers once."""

    asked = 0

    def get_account(self) -> dict[str, object]:
        self.asked += 1
        if self.asked > 1:
            error = {"Error": {"Code": "TooManyRequestsException", "Message": ""}}
            raise ClientError(error, "GetAccount")  # type: ignore[arg-type] # the stubs want every field
        quota = {"MaxSendRate": 14.0, "Max24HourSend": -1.0, "SentLast24Hours": 9.0}
        return {"SendQuota": quota, "SendingEnabled": True, "EnforcementStatus": "HEALTHY"}


def test_a_question_that_ses_throttles_leaves_the_last_answer_standing_for_another_minute() -> None:
    moment: list[datetime] = [NOW]
    client = Throttled()
    account = SesAccount(client, lambda: moment[0])  # type: ignore[arg-type] # all that is asked of it
    assert room(account.read()) is None
    moment[0] += FRESH * 2

    assert [account.rate() for _ in range(3)] == [14] * 3
    assert client.asked == 2
    client.asked = 1
    with pytest.raises(AccountUnknownError):
        SesAccount(client, lambda: NOW).read()  # type: ignore[arg-type]
