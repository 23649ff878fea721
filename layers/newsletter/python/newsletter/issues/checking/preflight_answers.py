"""Asks the addresses of an issue whether they answer, without ever asking one that is not public.

Whoever writes an issue chooses these addresses, and this code runs inside an account. So a name is looked up once,
every address it has must be public, and the connection goes to exactly that address; the same after each redirect.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

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

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that stand for one of IPv4, private ones included. Source: https://www.rfc-editor.org/rfc/rfc6052"""

ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 500, 501, 503})
"""Answers to HEAD that say nothing about the page: many servers know only GET."""

Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said."""

    status: int = 0
    """Of HTTP, after redirects; 0 when there was none."""
    failure: str = ""
    """Why there was none, as words that follow “it”."""
    private: bool = False
    """Whether it leads to an address that is not public, and was not asked."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local or int(ip) <= 0xFFFFFFFF:  # given up long ago, and still counted as global by Python
            return False
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, those of IPv4 first: a function has no way out over IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted(dict.fromkeys(str(entry[4][0]) for entry in found), key=lambda address: ":" in address)


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
        self._resolve = resolve
        self._allowed = allowed
        self._seconds = seconds
        self._call_seconds = call_seconds
        self._tls = ssl.create_default_context()

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
        # A server that says one letter every four seconds never times out: its connection is cut.
        for connection in list(live):
            _cut(connection)
        return dict(answers)

    def _ask(self, address: str, deadline: float, live: set[http.client.HTTPConnection]) -> Answer:
        for _ in range(REDIRECTS + 1):
            try:
                status, location = self._status(address, deadline, live)
            except _NotPublicError:
                return Answer(private=True)
            except ssl.SSLError:
                return Answer(failure="has no certificate that a browser would trust")
            except TimeoutError:
                return Answer(failure="did not answer in time")
            except socket.gaierror:
                return Answer(failure="has a host that does not exist")
            except (OSError, http.client.HTTPException, ValueError):
                return Answer(failure="did not answer")
            if location is None:
                return Answer(status)
            address = location
        return Answer(failure=f"redirects more than {REDIRECTS} times")

    def _status(self, address: str, deadline: float, live: set[http.client.HTTPConnection]) -> tuple[int, str | None]:
        """Return the status of an address, and where it redirects to."""
        for method in ("HEAD", "GET"):
            with self._connection(address, deadline, live) as connection:
                connection.request(method, _target(address), headers={"User-Agent": self._agent, "Accept": "*/*"})
                response = connection.getresponse()
                location = response.getheader("Location")
                if response.status in (301, 302, 303, 307, 308) and location:
                    return response.status, urljoin(address, location)
                if response.status not in ASK_AGAIN:
                    break
        return response.status, None

    @contextmanager
    def _connection(
        self, address: str, deadline: float, live: set[http.client.HTTPConnection]
    ) -> Iterator[http.client.HTTPConnection]:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _NotPublicError
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
        found = self._resolve(host, port)
        if not found or not all(map(self._allowed, found)):
            raise _NotPublicError
        seconds = min(self._call_seconds, deadline - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        connection = _Pinned(
            host, port, at=found[0], seconds=seconds, tls=self._tls if parts.scheme == "https" else None
        )
        live.add(connection)
        try:
            yield connection
        finally:
            live.discard(connection)
            connection.close()


class _NotPublicError(Exception):
    """The address leads where we must not go."""


class _Pinned(http.client.HTTPConnection):
    """A connection to the IP address that was looked at, not to what a second look-up might say."""

    def __init__(self, host: str, port: int, *, at: str, seconds: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=seconds)
        self._at = at
        self._seconds = seconds
        self._tls = tls

    def connect(self) -> None:
        """Connect, and prove with TLS that this is the host of the link."""
        plain = socket.create_connection((self._at, self.port), self._seconds)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise


def _target(address: str) -> str:
    """Return path and query as they go into a request; a letter outside ASCII is written with percent signs."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe="/?:@!$&'()*+,;=%~-._")


def _cut(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
