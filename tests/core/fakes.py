"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from newsletter.core.content import MailContent
from newsletter.core.team import Editor

T = TypeVar("T")


NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


TEAM = (Editor("", "editors@example.org"),)
"""One mailbox, as a stack without a list of editors has it."""


class VirtualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class MemoryMailer:
    """An outbox."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.outbox: list[Sent] = []
        self.failure = failure

    def send(
        self,
        to: str,
        mail: MailContent,
        *,
        kind: str,
        subscriber_id: str = "",
        lane_tag: str = "",
        network_tag: str = "",
        cause_tag: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        if self.failure is not None:
            raise self.failure
        self.outbox.append(Sent(to, mail, kind, subscriber_id, tuple(headers), network_tag))


class Watched:
    """A port with a moment before and after each of its calls."""

    def __init__(self, port: Any, moment: Callable[[], None]) -> None:
        self._port, self._moment = port, moment

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self._moment()
            result = method(*args, **kwargs)
            self._moment()
            return result

        return watched


class PlainMails:
    """Mails that say nothing but their name and their context."""

    def mail(self, name: str, /, *, lang: str = "", **context: object) -> MailContent:
        words = "\n".join(f"{key}: {value}" for key, value in context.items())
        return MailContent(subject=name, html=words, text=words)


class MemoryCounters:
    """Counters that never forget: no test waits that long."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.takers: dict[str, set[str]] = defaultdict(set)
        self.expiries: dict[str, datetime] = {}

    def bump(self, key: str, *, expires_at: datetime) -> int:
        self.counts[key] += 1
        self.expiries.setdefault(key, expires_at)
        return self.counts[key]

    def give_back(self, key: str) -> None:
        if key in self.counts:
            self.counts[key] -= 1

    def take(self, key: str, taker: str, *, most: int, expires_at: datetime) -> bool:
        takers = self.takers[key]
        if taker not in takers and len(takers) >= most:
            return False
        takers.add(taker)
        self.expiries.setdefault(key, expires_at)
        return True

    def count(self, key: str) -> int:
        return self.counts.get(key, 0)


@dataclass(frozen=True)
class Sent:
    """One mail in the outbox."""

    to: str
    mail: MailContent
    kind: str
    subscriber_id: str
    headers: tuple[tuple[str, str], ...]
    network: str = ""


class OneByOne(Executor):
    """Makes calls that might be made side by side one after the other."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
