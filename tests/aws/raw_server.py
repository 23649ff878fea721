"""A server that says exactly what a test tells it to, in the pieces it is given: for the wire below botocore."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class RawServer:
    """Answers one request after the other, each in pieces; after an answer without pieces it has closed the line."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    """Heads and bodies, as they came."""
    connections: int = 0


@contextmanager
def raw_server(answers: Sequence[Sequence[bytes]]) -> Iterator[RawServer]:
    """Serve these answers on loopback. An empty piece closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = RawServer(f"http://127.0.0.1:{listening.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(listening, server, list(answers)), daemon=True)
        thread.start()
        yield server
        listening.close()


def _serve(listening: socket.socket, server: RawServer, answers: list[Sequence[bytes]]) -> None:
    while answers:
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # the test is over
        server.connections += 1
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while answers and (request := _read(connection)):
                server.requests.append(request)
                pieces = answers.pop(0)
                for piece in pieces:
                    connection.sendall(piece)
                if b"" in pieces:
                    break


def _read(connection: socket.socket) -> bytes:
    said = b""
    while b"\r\n\r\n" not in said:
        more = connection.recv(65536)
        if not more:
            return b""
        said += more
    head, _, body = said.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def ok(body: bytes) -> bytes:
    """Return an answer of 200 with this body."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
