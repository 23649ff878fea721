"""What SES allows this account at the moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import AccountUnknownError
from newsletter.sending.domain.quota import Account, Allowance

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

FRESH = timedelta(seconds=60)
"""GetAccount may be called once a second; the rate changes when AWS raises it, which is seldom."""

LEAST_RATE = 0.01
"""Recipients per second, for an account that may send none: one in a hundred seconds, and never a division by zero."""


class SesAccount:
    """Reads the account, and remembers it for a minute; the threads of one worker share what it knows."""

    def __init__(self, client: SESV2Client, current_time: Callable[[], datetime]) -> None:
        self._client = client
        self._now = current_time
        self._read_at: datetime | None = None
        self._account: Account | None = None
        self._reading = Lock()

    def read(self) -> Account:
        """Return the account as it stood at most a minute ago.

        A GetAccount that fails changes nothing we know; only the very first must succeed.

        Raises:
            AccountUnknownError: It did not.
        """
        with self._reading:
            now = self._now()
            if self._account is None or self._read_at is None or not timedelta(0) <= now - self._read_at <= FRESH:
                try:
                    self._account = self._ask()
                except (ClientError, BotoCoreError) as exc:
                    if self._account is None:
                        raise AccountUnknownError("SES did not say how the account stands; ask again") from exc
                self._read_at = now
            return self._account

    def rate(self) -> float:
        """Return MaxSendRate. Units: recipients per second."""
        return max(LEAST_RATE, self.read().max_send_rate)

    def allowance(self) -> Allowance:
        """Return the account's limits, for a forecast."""
        account = self.read()
        left = account.max_24_hour_send - account.sent_last_24_hours
        return Allowance(per_second=account.max_send_rate, per_day=account.max_24_hour_send, left_today=left)

    def _ask(self) -> Account:
        # Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
        said = self._client.get_account()
        quota = said["SendQuota"]
        return Account(
            max_send_rate=quota["MaxSendRate"],
            max_24_hour_send=quota["Max24HourSend"],
            sent_last_24_hours=quota["SentLast24Hours"],
            sending_enabled=said["SendingEnabled"],
            enforcement_status=said["EnforcementStatus"],
        )
