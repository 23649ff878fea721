"""Connections to addresses that somebody else chose, and never to one that is not public.

Our code runs inside an account, next to services that trust whoever can reach them. So a name is looked up once, every
IP address that it has must be public, and the connection goes to exactly the address that was looked at.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, urlsplit

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that stand for one of IPv4, private ones included. Source: https://www.rfc-editor.org/rfc/rfc6052"""

Resolve = Callable[[str, int], list[str]]
"""Returns the IP addresses of a host and port."""


class NotPublicError(Exception):
    """The address leads where we must not go."""


REDIRECTED = frozenset({301, 302, 303, 307, 308})
"""Answers that name another address."""

NO_ANSWER = (NotPublicError, OSError, http.client.HTTPException, ValueError)
"""What asking somebody may end in; `failure_of` says it in words."""


def failure_of(no_answer: Exception, *, else_words: str = "did not answer") -> str:
    """Return why there was no answer, as words that follow the name of whoever was asked.

    Args:
        no_answer: One of `NO_ANSWER`.
        else_words: What is said of an error that is none of the usual ones.
    """
    match no_answer:
        case NotPublicError():
            return "leads into a private network, and was not asked"
        case ssl.SSLError():
            return "has no certificate that a browser would trust"
        case TimeoutError():
            return "did not answer in time"
        case socket.gaierror():
            return "has a host that does not exist"
        case _:
            return else_words


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


def is_loopback(host: str) -> bool:
    """Return whether a host, a name or an IP address, is this very machine without asking anybody."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_public_or_loopback(address: str) -> bool:
    """Return whether a program on a laptop may connect to an IP address: the laptop's own programs answer it too."""
    return is_public(address) or is_loopback(address.partition("%")[0])


def allowed_for(public_url: str) -> Callable[[str], bool]:
    """Return which IP addresses may be asked: public ones, and by a newsletter on a laptop the laptop itself.

    Args:
        public_url: Of the newsletter; on a laptop it is a loopback address, which nobody else could open.
    """
    parts = urlsplit(public_url)
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        return is_public
    return is_public_or_loopback


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, those of IPv4 first: a function has no way out over IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted(dict.fromkeys(str(entry[4][0]) for entry in found), key=lambda address: ":" in address)


class PublicConnections:
    """Makes connections to public addresses alone."""

    def __init__(self, resolve: Resolve = resolve, allowed: Callable[[str], bool] = is_public) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._tls = ssl.create_default_context()

    def to(self, address: str, *, seconds: float) -> http.client.HTTPConnection:
        """Return a connection, not opened yet, to the host of an address. Units: `seconds` for each wait of it.

        Raises:
            NotPublicError: It is neither https nor http, or one of the host's IP addresses is not public.
            OSError: The host does not exist.
            ValueError: It is no address.
        """
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotPublicError
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
        found = self._resolve(host, port)
        if not found or not all(map(self._allowed, found)):
            raise NotPublicError
        tls = self._tls if parts.scheme == "https" else None
        return _PinnedConnection(host, port, at=found[0], seconds=seconds, tls=tls)


class _PinnedConnection(http.client.HTTPConnection):
    """A connection to the IP address that was looked at, not to what a second look-up might say."""

    def __init__(self, host: str, port: int, *, at: str, seconds: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=seconds)
        self._at = at
        self._seconds = seconds
        self._tls = tls
        self.wire: socket.socket | None = None
        """The socket, also once an answer that ends with the connection has begun: then `sock` is forgotten."""

    def connect(self) -> None:
        """Connect, and prove with TLS that this is the host of the address."""
        plain = socket.create_connection((self._at, self.port), self._seconds)
        try:
            self.sock = self.wire = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise


def request_target(address: str) -> str:
    """Return path and query as they go into a request; a letter outside ASCII is written with percent signs."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe="/?:@!$&'()*+,;=%~-._")


def cut(connection: http.client.HTTPConnection) -> None:
    """End a connection from outside: a server that says one letter every four seconds never times out."""
    with suppress(OSError, AttributeError):
        wire = connection.wire if isinstance(connection, _PinnedConnection) else connection.sock
        if wire is not None:
            wire.shutdown(socket.SHUT_RDWR)
