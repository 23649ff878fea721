"""Fetches the feeds of websites: at most 2 MB, for at most ten seconds, and only from the open internet."""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urljoin

from newsletter.web.public_connection import (
    NO_ANSWER,
    REDIRECTED,
    PublicConnections,
    Resolve,
    cut,
    failure_of,
    is_public,
    request_target,
    resolve,
)

LARGEST_FEED = 2 * 1024 * 1024
"""Bytes, packed and unpacked. A feed with the full texts of a hundred articles has about one million."""

SECONDS = 10.0
"""For all of it, redirects too: somebody at the desk waits, and the desk itself has twenty."""

MOST_REDIRECTS = 5
"""A browser follows 20; a feed that has moved so often has a newer address."""

CHUNK = 64 * 1024
KINDS = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"

GZIP = 16 + zlib.MAX_WBITS
"""Has zlib read the gzip format."""


class UnreadFeedError(Exception):
    """There is no feed to be had at this address; the text says why, as words that follow its name."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What a website answered."""

    status: int
    """Of HTTP, after redirects."""
    address: str
    """Where it was in the end."""
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    modified: str = ""


class FeedPages:
    """Asks politely: says who asks, and whether anything is different since the last time."""

    def __init__(
        self,
        agent: str,
        *,
        resolve: Resolve = resolve,
        allowed: Callable[[str], bool] = is_public,
        seconds: float = SECONDS,
    ) -> None:
        self._agent = agent
        self._connections = PublicConnections(resolve, allowed)
        self._seconds = seconds

    def fetch(self, address: str, *, etag: str = "", modified: str = "") -> FetchedPage:
        """Return what stands at an address.

        Args:
            address: Of the feed.
            etag: As it was sent at the last look; empty if none was.
            modified: The same.

        Raises:
            UnreadFeedError: There was no answer, or one too large.
        """
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {"User-Agent": self._agent, "Accept": KINDS, "Accept-Encoding": "gzip"}
        headers |= {name: value for name, value in known.items() if value.isascii() and value.isprintable() and value}
        deadline = time.monotonic() + self._seconds
        try:
            for _ in range(MOST_REDIRECTS + 1):
                page = self._page(address, headers, deadline)
                if isinstance(page, FetchedPage):
                    return page
                address = page
        except zlib.error:
            raise UnreadFeedError("is packed in a way that cannot be opened") from None
        except NO_ANSWER as error:
            raise UnreadFeedError(failure_of(error, else_words="did not answer, or ended in the middle")) from None
        raise UnreadFeedError(f"redirects more than {MOST_REDIRECTS} times")

    def _page(self, address: str, headers: Mapping[str, str], deadline: float) -> FetchedPage | str:
        """Return what stands at an address, or the one that it redirects to."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        with closing(self._connections.to(address, seconds=left)) as connection:
            guard = Timer(left, cut, [connection])
            guard.daemon = True
            guard.start()
            try:
                connection.request("GET", request_target(address), headers=dict(headers))
                response = connection.getresponse()
                location = response.getheader("Location")
                if response.status in REDIRECTED and location:
                    return urljoin(address, location)
                body = _unpacked(_body(response, deadline), response) if response.status == http.HTTPStatus.OK else b""
            except (OSError, http.client.HTTPException):
                if time.monotonic() >= deadline:
                    raise TimeoutError from None
                raise
            finally:
                guard.cancel()
            if time.monotonic() >= deadline:
                raise TimeoutError  # it was cut, which looks like an end
        return FetchedPage(
            response.status,
            address,
            body,
            response.getheader("Content-Type", ""),
            response.getheader("ETag", ""),
            response.getheader("Last-Modified", ""),
        )


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(min(CHUNK, LARGEST_FEED + 1 - len(body))):
        body += chunk
        if time.monotonic() >= deadline:
            raise TimeoutError
        if len(body) > LARGEST_FEED:
            raise UnreadFeedError(_TOO_LARGE)
    return bytes(body)


def _unpacked(body: bytes, response: http.client.HTTPResponse) -> bytes:
    """Return a body as it was before it was packed, without ever holding more of it than is taken."""
    packed = response.getheader("Content-Encoding", "identity").strip().lower()
    if packed == "identity":
        return body
    if packed not in ("gzip", "x-gzip"):
        raise UnreadFeedError("is packed in a way that nobody asked for")
    opened = zlib.decompressobj(wbits=GZIP)
    plain = opened.decompress(body, LARGEST_FEED + 1)
    if len(plain) > LARGEST_FEED:
        raise UnreadFeedError(_TOO_LARGE)
    if not opened.eof:
        raise UnreadFeedError("ended in the middle")
    return plain


_TOO_LARGE = f"has more than {LARGEST_FEED // 1024 // 1024} MB; most websites have a shorter one of the newest entries"
