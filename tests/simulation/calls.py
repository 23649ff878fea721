"""The calls of a worker to its ports: before each of them something can go wrong, and any can be its last."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from enum import Enum, auto
from itertools import accumulate
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from newsletter.errors import StoreBusyError
from tests.sending.fakes import MemoryRate, MemorySends
from tests.simulation.long_faults import WorldProber
from tests.simulation.ses import Ses, WorldTransport
from tests.simulation.weather import Weather

if TYPE_CHECKING:
    from tests.simulation.worker import Worker

NO_STORES = (WorldTransport, MemoryRate, Ses, WorldProber)
"""They have their own ways to refuse."""


LAZY = (GeneratorType, map)
"""What these give is read in the call itself."""

RECORD_OF = "record of "


class Killed(BaseException):
    """The worker ends here, without a word: not an Exception, so that no job can catch it."""


class Fault(Enum):
    """What befalls a worker between two of its calls."""

    KILLED = auto()
    INTERRUPTED = auto()
    FROZEN = auto()
    SOMEBODY_CHANGES = auto()
    BUSY = auto()
    ANSWER_LOST = auto()
    UNREADABLE_BATCH = auto()
    UNREADABLE_RECORD = auto()
    RESTORED = auto()


class Odds:
    """The share of calls that each fault befalls: one draw tells whether any does, and which."""

    def __init__(self, weather: Weather) -> None:
        # Between two calls, that is after one and before the next: shares of moments, of which a call has two.
        shares = {
            Fault.KILLED: 2 * weather.kill,
            Fault.INTERRUPTED: 2 * weather.interrupt,
            Fault.FROZEN: 2 * weather.freeze,
            Fault.SOMEBODY_CHANGES: 2 * weather.change,
            Fault.BUSY: weather.busy,
            Fault.ANSWER_LOST: weather.busy,
            Fault.UNREADABLE_BATCH: weather.corrupt / 50,
            Fault.UNREADABLE_RECORD: weather.unreadable / 50,
            Fault.RESTORED: weather.restore / 50,
        }
        self._faults = list(shares)
        self._bounds = list(accumulate(shares.values()))
        self.any = self._bounds[-1]

    def fault(self, drawn: float) -> Fault:
        """Return which fault a number stands for that is smaller than the share of them all."""
        return self._faults[bisect_right(self._bounds, drawn)]


class Wrapped:
    """A port whose calls can be the last thing a worker does."""

    def __init__(self, port: Any, worker: Worker) -> None:
        self._port = port
        self._worker = worker

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found
        if name == "by_listing":  # no call of AWS by itself
            return lambda: Wrapped(found(), self._worker)
        call = _wrapped(found, name, self._port, self._worker)
        self.__dict__[name] = call  # a story calls it again and again
        return call


def _wrapped(asked: Callable[..., Any], name: str, port: Any, worker: Worker) -> Callable[..., Any]:
    is_store = not isinstance(port, NO_STORES)
    of_records, is_noted = name == "get_many", isinstance(port, MemorySends) and name in ("get", "replace")
    lives_on, asks = worker.lives_on, worker.asks

    def call(*args: Any, **kwargs: Any) -> Any:
        is_lost = lives_on(is_store)
        if is_noted:
            asks(name)
        elif of_records:
            asks(*map(RECORD_OF.__add__, args[0]))
        answer = asked(*args, **kwargs)
        if type(answer) in LAZY:
            answer = list(answer)
        if is_lost:
            raise StoreBusyError("done, and the answer is lost")
        return answer

    return call
