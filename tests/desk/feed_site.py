"""A website with a feed, on a loopback address: it says what its path asks for."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Our blog</title>{items}</channel></rss>'
ITEM = (
    "<item><guid>{name}</guid><title>{name}</title><link>https://www.example.org/{name}</link>"
    "<description>About {name}.</description></item>"
)
ETAG = '"first"'


class FeedSite(ThreadingHTTPServer):
    """One website."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.entries = ["Ferries"]

    def at(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path."""
        return f"http://{host}:{self.server_port}/{path}"

    @property
    def feed(self) -> bytes:
        """What stands at /feed.xml."""
        return RSS.format(items="".join(ITEM.format(name=name) for name in self.entries)).encode()


class _Page(BaseHTTPRequestHandler):
    server: FeedSite

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        with suppress(ConnectionError):
            self._answer(*self.path.strip("/").partition("/")[::2])

    def _answer(self, kind: str, rest: str) -> None:
        match kind:
            case "feed.xml":
                same = self.headers["If-None-Match"] == ETAG
                self._send(304 if same else 200, b"" if same else self.server.feed, ETag=ETAG)
            case "to":
                self._send(302, b"", Location=rest if ":/" in rest else f"/{rest}")
            case "round":
                self._send(301, b"", Location="/round")
            case "gzip":
                self._send(200, gzip.compress(self.server.feed), **{"Content-Encoding": "gzip"})
            case "bomb":
                self._send(200, gzip.compress(bytes(50_000_000)), **{"Content-Encoding": "gzip"})
            case "broken":
                self._send(200, b"no gzip", **{"Content-Encoding": "gzip"})
            case "cut":
                self._send(200, gzip.compress(self.server.feed)[:-20], **{"Content-Encoding": "gzip"})
            case "odd":
                self._send(200, b"", **{"Content-Encoding": "br"})
            case "large":
                self._endless(b"x" * 65536)
            case "slow":
                self.server.closing.wait(5)
            case "drip":
                self._endless(b"x", wait=0.02)
            case "drip-head":
                self._drip_head()
            case _:
                self._send(int(kind), b"")

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self, piece: bytes, wait: float = 0.0) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.wait(wait):
            self.wfile.write(piece)

    def _drip_head(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        while not self.server.closing.wait(0.02):
            self.wfile.write(b"x")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def feed_site() -> Iterator[FeedSite]:
    """Put a website up, and take it down again."""
    site = FeedSite()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        site.closing.set()
        site.shutdown()
        site.server_close()
