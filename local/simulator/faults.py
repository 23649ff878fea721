"""Failures on demand, drawn from a seeded source: the same seed and the same calls fail in the same places."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from random import Random
from typing import Any

# What an entry of a bulk call may be told when it is made to fail; both leave the recipient without a
# message.
ENTRY_FAILURES = ("TRANSIENT_FAILURE", "FAILED")


@dataclass(frozen=True)
class Faults:
    """Shares (0 to 1) of calls, entries or events that go wrong, and delays in milliseconds."""

    throttle: float = 0.0
    """Calls refused for their rate. Nothing is accepted."""
    lose_answer: float = 0.0
    """Calls served and never answered: the connection drops."""
    error_5xx: float = 0.0
    """Calls answered 500. Half of them, by the same seed, were accepted all the same: a 5xx proves nothing."""
    entry_failure: float = 0.0
    """Entries of bulk calls that fail alone."""
    entry_failure_status: str = "TRANSIENT_FAILURE"
    """What such an entry is told."""
    latency_ms: float = 0.0
    """How long each call takes."""
    event_delay_ms: float = 0.0
    """How late each event comes."""
    event_loss: float = 0.0
    """Events that never come."""
    event_duplicate: float = 0.0
    """Events that come twice."""
    seed: int = 0
    """Where the drawing starts."""


SHARES = ("throttle", "lose_answer", "error_5xx", "entry_failure", "event_loss", "event_duplicate")
DELAYS = ("latency_ms", "event_delay_ms")


def parse_faults(wanted: Mapping[str, Any], *, seed: int = 0) -> Faults:
    """Return the faults asked for; what is not named does not happen, so `{}` clears.

    Raises:
        ValueError: A name we do not know, or a value out of its range.
    """
    known = {field.name for field in fields(Faults)}
    for name, value in wanted.items():
        if name not in known:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(sorted(known))}")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in SHARES and not (number and 0 <= value <= 1):
            raise ValueError(f"{name} is a share between 0 and 1, not {value!r}")
        if name in DELAYS and not (number and value >= 0):
            raise ValueError(f"{name} is a number of milliseconds, not {value!r}")
        if name == "seed" and not isinstance(value, int):
            raise ValueError(f"seed is a whole number, not {value!r}")
        if name == "entry_failure_status" and value not in ENTRY_FAILURES:
            raise ValueError(f"entry_failure_status is one of {', '.join(ENTRY_FAILURES)}, not {value!r}")
    return Faults(**{"seed": seed, **wanted})


class FaultSource:
    """Draws from the faults in force. Calls, entries and events draw apart, so that none shifts another."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.set(faults or Faults())

    def set(self, faults: Faults) -> None:
        """Put other faults in force and start drawing afresh from their seed."""
        self.faults = faults
        # Failures must be repeatable, not unguessable.
        self._calls = Random(f"calls {faults.seed}")  # noqa: S311
        self._entries = Random(f"entries {faults.seed}")  # noqa: S311
        self._events = Random(f"events {faults.seed}")  # noqa: S311

    def describe(self) -> dict[str, Any]:
        """Return the faults in force, as they were asked for."""
        return asdict(self.faults)

    def throttle(self) -> bool:
        """Draw: is this call refused for its rate?"""
        return self._calls.random() < self.faults.throttle

    def error_5xx(self) -> bool:
        """Draw: is this call answered 500?"""
        return self._calls.random() < self.faults.error_5xx

    def accepted_despite_5xx(self) -> bool:
        """Draw: was the call that is answered 500 served all the same?"""
        return self._calls.random() < 0.5

    def lose_answer(self) -> bool:
        """Draw: does this call go unanswered?"""
        return self._calls.random() < self.faults.lose_answer

    def entry_failure(self) -> bool:
        """Draw: does this entry fail?"""
        return self._entries.random() < self.faults.entry_failure

    def event_copies(self) -> int:
        """Draw: how often does this event arrive?"""
        if self._events.random() < self.faults.event_loss:
            return 0
        return 2 if self._events.random() < self.faults.event_duplicate else 1
