"""Threads in virtual time: one runs at a time, the one that is due next, so what happens depends on the seed alone."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from tests.core.fakes import NOW

STACK = 512 * 1024
"""Bytes for each thread; several hundred of them are alive at once."""


class Over(BaseException):  # noqa: N818 - no error: nothing may catch it
    """Time is up: whoever sleeps now never wakes."""


class VirtualTime:
    """A clock, and threads that sleep by it. Units: seconds since NOW."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.over = False
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._here = threading.Lock()
        self._here.acquire()
        self._failure: BaseException | None = None
        self._asleep: dict[int, threading.Lock] = {}
        self._runner = threading.get_ident()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after a while that takes no time itself."""
        heapq.heappush(self._due, (self.seconds + seconds, next(self._numbers), act))

    def start(self, work: Callable[[], None]) -> None:
        """Begin a thread now, which may sleep."""

        def alive() -> None:
            turn.acquire()
            try:
                if not self.over:
                    work()
            except Over:
                pass
            except BaseException as failure:  # noqa: BLE001 - shown to whoever runs the time
                self._failure = failure
            self._here.release()

        turn = threading.Lock()
        turn.acquire()
        threading.stack_size(STACK)
        threading.Thread(target=alive, daemon=True).start()
        self.later(0, lambda: self._wake(turn))

    def sleep(self, seconds: float) -> None:
        """Let others run until so much time has passed. In the thread that runs the time it does nothing."""
        if threading.get_ident() == self._runner:
            return
        if self.over:
            raise Over
        turn = threading.Lock()
        turn.acquire()
        self._asleep[id(turn)] = turn
        self.later(max(0.0, seconds), lambda: self._wake(turn))
        self._here.release()
        turn.acquire()
        if self.over:
            raise Over

    def lock(self) -> VirtualLock:
        """Return a lock for these threads."""
        return VirtualLock(self)

    def run(self, until: float) -> None:
        """Let time pass."""
        while self._due and self._due[0][0] <= until:
            self.seconds, _, act = heapq.heappop(self._due)
            act()
        self.over = True
        for turn in list(self._asleep.values()):
            self._wake(turn)

    def _wake(self, turn: threading.Lock) -> None:
        self._asleep.pop(id(turn), None)
        turn.release()
        self._here.acquire()
        if self._failure is not None:
            raise self._failure


class VirtualLock:
    """Lets one thread at a time through; whoever waits lets time pass."""

    def __init__(self, time: VirtualTime) -> None:
        self._time, self._taken = time, False

    def __enter__(self) -> None:
        while self._taken:
            self._time.sleep(0.001)
        self._taken = True

    def __exit__(self, *_: object) -> None:
        self._taken = False
