"""How fast all workers together go: the account's rate, less after SES throttled, and slowly all of it again.

Halving at a throttle and adding a little every second is what TCP does, and for the same reason: nobody says how much
is left, because others use the same account. The way up has two parts, as in CUBIC: quickly to just below where the
wall was, then slowly across it. Nothing is written on the way up: the pace is a function of time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.sending.domain.batch import LARGEST_BATCH, ONE_CALL

HEADROOM = 0.98
"""The share of the account's rate that is booked. Mail to one person books its own place, so the rest is only for
clocks that differ a little."""

CALL_SHARE = 0.5
"""A call takes at most half a second's worth. SES tolerates a short burst; calls of a whole second's worth, one of them
arriving a little early, would be throttled for it."""

SLOWER = 0.5
"""What is left of the pace after a throttle."""

LEAST = 0.1
"""The pace never falls below this share: a fault that has nothing to do with pace would bring all to a standstill."""

QUICK = 0.05
"""Regained each second, as a share of the rate: from half to nine tenths in eight seconds."""

NEAR = 0.9
"""Where the slow part begins, as a share of the pace at which SES throttled."""

SLOW = 0.005
"""Regained each second near the wall: it is touched every half minute at most, with less than 1 % of the recipients."""

SQUEEZED_SHARE = 0.6
"""Throttled calls at or below this share of the rate cannot be about recipients, if they keep coming."""

SQUEEZED_TIMES = 3
"""With no recipient throttled in between. Once may be another sender, twice its tail."""

IN_VAIN_TIMES = 5
"""Throttles in a row, each on the quick way up from the last. A wall at a third of the rate is met three or four times;
whoever is throttled still, at a tenth of it, is not throttled for the pace."""

IN_VAIN_SHARE = 0.5
"""How fast to go on then: not a crawl, and not as if nothing had been said."""

IN_VAIN_FOR = timedelta(minutes=5)
"""How long throttles change nothing then: long beside the half minute that finding out again takes."""

RECIPIENTS_A_PARTITION = 2_500
"""In a second: a quarter of what DynamoDB writes to a partition key (1,000 units; 1,000 recipients are 86). Batches do
not fall evenly on partitions, and what SES reports comes in waves: at half of it, some writes were throttled."""

MOST_PARTITIONS = 64
"""Looking at a whole send asks each of them. Enough for 160,000 recipients a second, and at a pinch for 700,000."""

REMEMBERED = timedelta(minutes=10)
"""A throttle longer ago than this has nothing to do with the next one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """When and where SES throttled last. The default is: never."""

    slowed_at: datetime | None = None
    """From when on the slower pace holds; what was booked before leaves at the old one."""
    slowed_from: float = 1.0
    """The share at which SES throttled."""
    squeezed: int = 0
    """How often lately SES refused whole calls, and no recipients, far below the rate."""
    in_vain: int = 0
    """How often in a row a slower pace did not end it."""

    def share(self, at: datetime) -> float:
        """Return the share of the rate at this moment."""
        if self.slowed_at is None:
            return 1.0
        near = self.slowed_from * NEAR
        low = IN_VAIN_SHARE if self.in_vain >= IN_VAIN_TIMES else max(LEAST, self.slowed_from * SLOWER)
        elapsed = max(0.0, (at - self.slowed_at).total_seconds())
        quick = max(0.0, near - low) / QUICK
        share = low + min(elapsed, quick) * QUICK + max(0.0, elapsed - quick) * SLOW
        return min(1.0, share)

    def throttled(self, start: datetime, *, calls: bool, since: datetime) -> Pace | None:
        """Return the slower pace after SES throttled a call that was booked for `start`.

        None if the call was booked before the pace was lowered last: the same wall is not met twice. None also for a
        while after the pace was lowered again and again in vain: then it is not the pace that SES minds.

        Args:
            start: When the throttled call was to leave.
            calls: Whether whole calls were refused, rather than recipients.
            since: From when on the slower pace will hold.
        """
        if self.slowed_at is not None and start < self.slowed_at:
            return None
        if self.slowed_at is not None and self.in_vain >= IN_VAIN_TIMES and start - self.slowed_at < IN_VAIN_FOR:
            return None
        share = self.share(start)
        return Pace(
            slowed_at=since,
            slowed_from=share,
            squeezed=self._squeezed(start, share, calls=calls),
            in_vain=self._in_vain(share),
        )

    def _in_vain(self, share: float) -> int:
        # So near the least pace, hardly any way up is left to be quick on.
        climbing = self.slowed_at is not None and share < max(2 * LEAST, self.slowed_from * NEAR)
        return self.in_vain + 1 if climbing else 1

    def _squeezed(self, start: datetime, share: float, *, calls: bool) -> int:
        recent = self.slowed_at is not None and start - self.slowed_at <= REMEMBERED
        before = self.squeezed if recent else 0
        if not calls:
            return 0
        # Above that share it may be either, and says nothing.
        return before + 1 if share <= SQUEEZED_SHARE else before

    @property
    def limited_by_calls(self) -> bool:
        """Whether it must be the calls that SES limits, not the recipients."""
        return self.squeezed >= SQUEEZED_TIMES


def largest_call(rate: float) -> int:
    """Return how many recipients one call may name, or several calls that leave together: half a second's worth."""
    return max(1, int(rate * CALL_SHARE))


def seconds_in_line(recipient_count: int, rate: float) -> float:
    """Return how far behind a batch of so many the next one is told to come back that found no room.

    Half of what it takes at the full rate. Whoever comes too early is told again, which is cheap. Whoever came too late
    would leave the account idle: where SES has stopped throttling meanwhile, or a message was there twice.
    """
    return seconds(recipient_count, rate) / 2


def batch_size(rate: float) -> int:
    """Return how many recipients a batch is planned for: what leaves on one booking, in whole calls.

    So a worker waits for room before it claims a batch, and hardly ever with a claim in its hands.
    """
    whole_calls = largest_call(rate) // ONE_CALL * ONE_CALL
    return min(max(ONE_CALL, whole_calls), LARGEST_BATCH)


def partition_count(rate: float) -> int:
    """Return over how many partitions of the store a send is spread: what leaves in a second is written there."""
    return min(max(1, math.ceil(rate / RECIPIENTS_A_PARTITION)), MOST_PARTITIONS)


def seconds(recipient_count: int, rate: float, share: float = 1.0) -> float:
    """Return how long so many recipients take up the account."""
    return recipient_count / (rate * HEADROOM * share)
