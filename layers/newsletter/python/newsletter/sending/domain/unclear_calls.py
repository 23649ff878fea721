"""Calls in a row to which SES gave nobody a clear answer: one is a fault of the moment, three are an outage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from newsletter.sending.domain.answer import Answer, Pause, Retry
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import OUTAGE_SENTENCE, PausedBy

IN_A_ROW = 3

UNCLEAR = frozenset({Outcome.UNKNOWN, Retry.PASSING})
"""5xx, no answer in time, a connection that breaks off or is refused."""

OUTAGE = Pause(PausedBy.OUTAGE, OUTAGE_SENTENCE, heals=True)


@dataclass
class UnclearCalls:
    """Counts them for all threads of one worker environment, whatever send they work for."""

    _in_a_row: int = 0
    _lock: Lock = field(default_factory=Lock)

    def are_an_outage(self, answers_of_call: Sequence[Answer]) -> bool:
        """Count one more call by what SES said about everybody in it; return whether it is time to stop asking."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if UNCLEAR.issuperset(answers_of_call) else 0
            if self._in_a_row < IN_A_ROW:
                return False
            self._in_a_row = 0
            return True
