"""Calls in a row to which SES gave nobody a clear answer: one is a fault of the moment, three are an outage."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

IN_A_ROW = 3


@dataclass
class UnclearCalls:
    """Counts them for all threads of one worker environment, whatever send they work for."""

    _in_a_row: int = 0
    _lock: Lock = field(default_factory=Lock)

    def are_an_outage(self, *, unclear: bool) -> bool:
        """Count one more call; return whether it is time to stop asking."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if unclear else 0
            if self._in_a_row < IN_A_ROW:
                return False
            self._in_a_row = 0
            return True
