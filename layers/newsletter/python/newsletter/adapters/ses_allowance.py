"""What SES allows this account, for a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.domain.forecast import Allowance

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesAllowance:
    """Asks once for each mail with a forecast; uploads are seldom."""

    def __init__(self, client: SESV2Client) -> None:
        self._client = client

    def allowance(self) -> Allowance:
        """Return the account's limits at this moment. Units of SES: recipients; Max24HourSend is -1 without a limit.

        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendQuota.html
        """
        quota = self._client.get_account()["SendQuota"]
        per_day = quota["Max24HourSend"]
        return Allowance(
            per_second=quota["MaxSendRate"], per_day=per_day, left_today=per_day - quota["SentLast24Hours"]
        )
