"""What SES allows an account: a rate, and so many recipients in any 24 hours."""

from __future__ import annotations

from dataclasses import dataclass

UNLIMITED = -1
"""SES's own word for an account without a daily quota."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What SES says about the account at one moment."""

    max_send_rate: float
    """Recipients per second."""
    max_24_hour_send: float
    """Recipients in any 24 hours; -1 is no limit."""
    sent_last_24_hours: float
    sending_enabled: bool = True
    enforcement_status: str = "HEALTHY"
    """HEALTHY, PROBATION (sends, under watch) or SHUTDOWN."""

    @property
    def may_send(self) -> bool:
        """Whether SES takes anything at all from this account."""
        return self.sending_enabled and self.enforcement_status != "SHUTDOWN"

    @property
    def trouble(self) -> str:
        """What is wrong with the account, in SES's own word or `DISABLED`; empty while all is well."""
        if self.enforcement_status != "HEALTHY":
            return self.enforcement_status
        return "" if self.sending_enabled else "DISABLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What SES allows this account."""

    per_second: float
    """Recipients, while it sends."""
    per_day: float
    """Recipients within any 24 hours; below zero when there is no limit."""
    left_today: float
    """Of these, what nobody has used yet."""

    @property
    def unlimited(self) -> bool:
        """Whether there is no limit for a day; SES then says -1."""
        return self.per_day < 0
