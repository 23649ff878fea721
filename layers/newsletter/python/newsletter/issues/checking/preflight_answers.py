"""Asks the addresses of an issue whether they answer, without ever asking one that is not public.

Whoever writes an issue chooses these addresses, so each is asked as `web/public_connection` does; the same after each
redirect.
"""

from __future__ import annotations

import http.client
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from newsletter.web.public_connection import (
    NO_ANSWER,
    REDIRECTED,
    NotPublicError,
    PublicConnections,
    Resolve,
    cut,
    failure_of,
    is_public,
    request_target,
    resolve,
)

MOST = 60
"""Addresses of one issue. A briefing has ten to thirty; a page of a thousand links is not asked in full."""

CALL_SECONDS = 5.0
"""For one answer. A page that takes longer loses its readers too."""

ALL_SECONDS = 20.0
"""For all of them: publishing an issue has 120 seconds, and asks before it does anything else."""

REDIRECTS = 5
"""What a browser follows without a word is 20; a link that needs more than five wants mending."""

AT_ONCE = 8
"""Hosts. Of one host one page after the other, so that nobody feels a load."""

ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 500, 501, 503})
"""Answers to HEAD that say nothing about the page: many servers know only GET."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said."""

    status: int = 0
    """Of HTTP, after redirects; 0 when there was none."""
    failure: str = ""
    """Why there was none, as words that follow “it”."""
    private: bool = False
    """Whether it leads to an address that is not public, and was not asked."""


class LinkAnswers:
    """Asks politely: HEAD first, nothing read but the status, one page of a host at a time."""

    def __init__(
        self,
        agent: str,
        *,
        resolve: Resolve = resolve,
        allowed: Callable[[str], bool] = is_public,
        seconds: float = ALL_SECONDS,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._agent = agent
        self._connections = PublicConnections(resolve, allowed)
        self._seconds = seconds
        self._call_seconds = call_seconds

    def __call__(self, addresses: Iterable[str]) -> Mapping[str, Answer]:
        """Return the answer of each address that there was time to ask."""
        by_host: dict[str, list[str]] = defaultdict(list)
        for address in list(dict.fromkeys(addresses))[:MOST]:
            by_host[urlsplit(address).netloc].append(address)
        answers: dict[str, Answer] = {}
        live: set[http.client.HTTPConnection] = set()
        deadline = time.monotonic() + self._seconds

        def ask_host(some: list[str]) -> None:
            for address in some:
                if time.monotonic() >= deadline:
                    return
                answers[address] = self._ask(address, deadline, live)

        pool = ThreadPoolExecutor(AT_ONCE)
        asked = [pool.submit(ask_host, some) for some in by_host.values()]
        wait(asked, timeout=self._seconds)
        pool.shutdown(wait=False, cancel_futures=True)
        for connection in list(live):
            cut(connection)
        return dict(answers)

    def _ask(self, address: str, deadline: float, live: set[http.client.HTTPConnection]) -> Answer:
        for _ in range(REDIRECTS + 1):
            try:
                status, location = self._status(address, deadline, live)
            except NotPublicError:
                return Answer(private=True)
            except NO_ANSWER as error:
                return Answer(failure=failure_of(error))
            if location is None:
                return Answer(status)
            address = location
        return Answer(failure=f"redirects more than {REDIRECTS} times")

    def _status(self, address: str, deadline: float, live: set[http.client.HTTPConnection]) -> tuple[int, str | None]:
        """Return the status of an address, and where it redirects to."""
        for method in ("HEAD", "GET"):
            with self._connection(address, deadline, live) as connection:
                connection.request(
                    method, request_target(address), headers={"User-Agent": self._agent, "Accept": "*/*"}
                )
                response = connection.getresponse()
                location = response.getheader("Location")
                if response.status in REDIRECTED and location:
                    return response.status, urljoin(address, location)
                if response.status not in ASK_AGAIN:
                    break
        return response.status, None

    @contextmanager
    def _connection(
        self, address: str, deadline: float, live: set[http.client.HTTPConnection]
    ) -> Iterator[http.client.HTTPConnection]:
        seconds = min(self._call_seconds, deadline - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        connection = self._connections.to(address, seconds=seconds)
        live.add(connection)
        try:
            yield connection
        finally:
            live.discard(connection)
            connection.close()
