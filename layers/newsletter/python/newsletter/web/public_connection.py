"""Connections to addresses that somebody else chose, and only to ones of the open internet.

This code runs inside an account. So a name is looked up once, every IP address it has must be public, and the
connection goes to exactly that one. Whoever follows a redirect makes another connection, with the same checks.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that stand for one of IPv4, private ones included. Source: https://www.rfc-editor.org/rfc/rfc6052"""

REDIRECTED = frozenset({301, 302, 303, 307, 308})
"""Answers that name another address."""

MOST_REDIRECTS = 5
"""What a browser follows without a word is 20; a link that needs more than five wants mending."""

Resolve = Callable[[str, int], list[str]]
Allowed = Callable[[str], bool]


class NotPublicError(Exception):
    """The address leads where we must not go."""


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


def is_loopback(host: str) -> bool:
    """Return whether a host, a name or an IP address, is this very machine without asking anybody."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_for(public_url: str) -> Allowed:
    """Return which IP addresses may be asked: public ones, and from a newsletter on a laptop the laptop itself.

    Args:
        public_url: Of the newsletter; on a laptop it is a loopback address, which nobody else could open.
    """
    if not is_loopback(urlsplit(public_url).hostname or ""):
        return is_public
    return lambda address: is_public(address) or is_loopback(address)


@dataclass(frozen=True, slots=True)
class PublicConnections:
    """Opens connections that can only lead out."""

    resolve: Resolve = resolve
    allowed: Allowed = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @contextmanager
    def open(self, address: str, seconds: float) -> Iterator[PinnedConnection]:
        """Give a connection to the host of an address, which connects with its first request.

        Args:
            address: Of a page.
            seconds: For each wait for the other side.

        Raises:
            NotPublicError: It leads somewhere else than to the open internet.
            OSError, ValueError: There is no such host.
        """
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotPublicError
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
        found = self.resolve(host, port)
        if not found or not all(map(self.allowed, found)):
            raise NotPublicError
        connection = PinnedConnection(
            host, port, ip_address=found[0], seconds=seconds, tls=self.tls if parts.scheme == "https" else None
        )
        try:
            yield connection
        finally:
            connection.close()


class PinnedConnection(http.client.HTTPConnection):
    """A connection to the IP address that was looked at, not to what a second look-up might say."""

    def __init__(self, host: str, port: int, *, ip_address: str, seconds: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=seconds)
        self._ip_address = ip_address
        self._seconds = seconds
        self._tls = tls
        self._wire: socket.socket | None = None  # `http.client` forgets its own once an answer that ends with it begins

    def connect(self) -> None:
        """Connect, and prove with TLS that this is the host of the link."""
        plain = socket.create_connection((self._ip_address, self.port), self._seconds)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
            self._wire = self.sock
        except BaseException:
            plain.close()
            raise

    def cut(self) -> None:
        """End it whatever it waits for: a server that says one letter every four seconds never times out."""
        with suppress(OSError):
            if self._wire is not None:
                self._wire.shutdown(socket.SHUT_RDWR)


def request_target(address: str) -> str:
    """Return path and query as they go into a request; a letter outside ASCII is written with percent signs."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe="/?:@!$&'()*+,;=%~-._")
