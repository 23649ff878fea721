"""The account: how fast and how much it may send, and whether it may send at all."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from local.simulator.addresses import domain_of
from local.simulator.mailbox import is_simulated

ENFORCEMENT_STATUSES = ("HEALTHY", "PROBATION", "SHUTDOWN")
UNLIMITED = -1
SANDBOX_RATE, SANDBOX_QUOTA = 1.0, 200.0  # what SES lets a new account do until it has production access
DAY = 24 * 60 * 60
BURST_SECONDS = 1.0  # SES tolerates short bursts and no sustained excess; one second's worth is our reading of "short"
QUOTA_SLICE = 60  # the rolling day is counted in slices this long, so that a million sends stay a few numbers


@dataclass
class Limits:
    """What SES granted the account. Units: recipients per second, recipients per rolling 24 hours (-1: no limit)."""

    max_send_rate: float = 200
    max_24_hour_send: float = 50_000
    enforcement_status: str = "HEALTHY"
    sending_enabled: bool = True
    production_access: bool = True
    """False is the sandbox: 200 recipients a day, one a second, and only those that are verified."""
    verified: list[str] = field(default_factory=list)
    """Addresses and domains that may be mailed in the sandbox, besides the identities of the account."""

    @property
    def rate(self) -> float:
        """Recipients per second that the account may send to at this moment."""
        return self.max_send_rate if self.production_access else min(self.max_send_rate, SANDBOX_RATE)

    @property
    def quota(self) -> float:
        """Recipients per rolling 24 hours that it may send to."""
        if self.production_access:
            return self.max_24_hour_send
        return SANDBOX_QUOTA if self.max_24_hour_send == UNLIMITED else min(self.max_24_hour_send, SANDBOX_QUOTA)

    def barred(self, recipients: Iterable[str]) -> list[str]:
        """Return whom the sandbox keeps from getting mail; SES's own addresses for tests always get it."""
        if self.production_access:
            return []
        verified = {each.lower() for each in self.verified}
        return [
            each
            for each in recipients
            if not is_simulated(each) and verified.isdisjoint((each.lower(), domain_of(each).lower()))
        ]


class Account:
    """Counts recipients against the limits. Every recipient counts, not every message or call."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._tokens = self._burst
        self._filled_at: float | None = None
        self._slices: deque[list[float]] = deque()
        self._sent = 0

    @property
    def _burst(self) -> float:
        return max(1.0, self.limits.rate * BURST_SECONDS)

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Change the named limits and keep the others.

        Raises:
            ValueError: A name we do not know, or a value of the wrong kind.
        """
        known = asdict(self.limits)
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"unknown account setting {name!r}; known: {', '.join(known)}")
            if name in ("sending_enabled", "production_access"):
                acceptable = isinstance(value, bool)
            elif name == "verified":
                acceptable = isinstance(value, list) and all(isinstance(each, str) for each in value)
            elif name == "enforcement_status":
                acceptable = value in ENFORCEMENT_STATUSES
            else:
                acceptable = isinstance(value, int | float) and not isinstance(value, bool) and value >= UNLIMITED
            if not acceptable:
                raise ValueError(f"{name} cannot be {value!r}")
        # Built anew and not patched: a bucket filled at the old rate must not pay for sends at the new one.
        self.limits = Limits(**{**known, **wanted})
        anew = {"max_send_rate", "production_access"} & set(wanted)
        self._tokens = self._burst if anew else min(self._tokens, self._burst)

    def take_rate(self, recipients: int, now: datetime) -> bool:
        """Return whether one message to so many recipients fits the rate, and take it from the allowance.

        A message with several recipients is accepted while any allowance is left and leaves a debt behind, as SES does.
        """
        at = now.timestamp()
        if self._filled_at is not None:
            elapsed = max(0.0, at - self._filled_at)
            self._tokens = min(self._burst, self._tokens + elapsed * self.limits.rate)
        self._filled_at = at
        # A shade below one: adding up fractions of a second must not cost a whole recipient.
        if self._tokens < 1 - 1e-6:
            return False
        self._tokens -= recipients
        return True

    def quota_left(self, recipients: int, now: datetime) -> bool:
        """Return whether so many recipients still fit into the rolling 24 hours."""
        if self.limits.quota == UNLIMITED:
            return True
        return self.sent_last_24_hours(now) + recipients <= self.limits.quota

    def count(self, recipients: int, now: datetime) -> None:
        """Count recipients against the rolling 24 hours."""
        at = now.timestamp() // QUOTA_SLICE * QUOTA_SLICE
        if self._slices and self._slices[-1][0] == at:
            self._slices[-1][1] += recipients
        else:
            self._slices.append([at, recipients])
        self._sent += recipients

    def sent_last_24_hours(self, now: datetime) -> int:
        """Return how many recipients count against the quota now."""
        horizon = now.timestamp() - DAY
        while self._slices and self._slices[0][0] <= horizon:
            self._sent -= int(self._slices.popleft()[1])
        return self._sent

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return the answer to GetAccount."""
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": self.limits.enforcement_status,
            "ProductionAccessEnabled": self.limits.production_access,
            "SendQuota": {
                "Max24HourSend": float(self.limits.quota),
                "MaxSendRate": float(self.limits.rate),
                "SentLast24Hours": float(self.sent_last_24_hours(now)),
            },
            "SendingEnabled": self.limits.sending_enabled,
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }
