"""What SES allows this account at the moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

FRESH = timedelta(seconds=60)
"""GetAccount may be called once a second; the rate changes when AWS raises it, which is seldom."""


class SesAccount:
    """Reads the account's rate, and remembers it for a minute."""

    def __init__(self, client: SESV2Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._read_at: datetime | None = None
        self._rate = 0.0

    def rate(self) -> float:
        """Return MaxSendRate. Units: recipients per second, never less than one in a hundred seconds.

        A throttled GetAccount changes nothing we know; only the very first must succeed.
        """
        now = self._now()
        if self._read_at is None or now - self._read_at > FRESH:
            try:
                self._rate = max(0.01, self._client.get_account()["SendQuota"]["MaxSendRate"])
            except ClientError:
                if self._read_at is None:
                    raise
            self._read_at = now
        return self._rate
